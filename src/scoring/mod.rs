//! ONNX models and the scores they give: the only room that knows ONNX Runtime (ort).
