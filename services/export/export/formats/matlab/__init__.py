"""MATLAB ground truth."""
