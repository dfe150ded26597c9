"""Clips: planned, copied, encoded, and listed."""
