"""Fraud models by an independent hand: trained in numpy and LightGBM, judged, written as ONNX with a card.

Reading order: data, split, mlp, ensemble, calibrate, metrics, threshold, intervals, train, graph, trees, folder; then
the studies of treatments, robustness and label noise.
"""

import os

# Sums in another order round differently, so that the number of threads is part of the recipe.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy  # noqa: E402, F401
from threadpoolctl import threadpool_limits  # noqa: E402

# Where numpy was loaded before with more threads.
threadpool_limits(1)
