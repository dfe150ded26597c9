"""Imports: uploaded label files become objects."""
