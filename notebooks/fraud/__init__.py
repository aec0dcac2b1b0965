"""Fraud models by an independent hand: trained in numpy and LightGBM, judged, written as ONNX with card and golden rows.

Reading order: data, split, mlp, ensemble, calibrate, metrics, threshold, intervals, train, graph, trees, folder; then
the studies of treatments, robustness and label noise.
"""

import os

# Sums in another order round differently: the number of threads is part of the recipe, and must be known before numpy.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
