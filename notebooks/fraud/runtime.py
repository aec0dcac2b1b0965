"""A model's bytes and rows -> its outputs, by ONNX Runtime on the CPU with one thread."""

import numpy as np
import onnxruntime


def run(model: bytes, x: np.ndarray) -> dict[str, np.ndarray]:
    """Every output by its name; rows are given as float32."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {"features": x.astype(np.float32)})))
