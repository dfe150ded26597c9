"""Counts of objects by clip."""
