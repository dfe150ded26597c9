"""VGGFace2."""
