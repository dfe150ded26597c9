"""ONNX detectors for auto-labels."""
