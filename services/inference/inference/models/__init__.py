"""ONNX models: the registry and the detector."""
