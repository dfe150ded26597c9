"""Bitmaps of instances, as PNG or BMP."""
