"""The history of objects."""
