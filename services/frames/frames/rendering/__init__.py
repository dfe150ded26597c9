"""Exact frames as images."""
