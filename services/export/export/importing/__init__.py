"""The way in: uploaded label files become objects."""
