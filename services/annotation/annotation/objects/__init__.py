"""Labeled objects: reading them and editing them."""
