"""MOTS PNG."""
