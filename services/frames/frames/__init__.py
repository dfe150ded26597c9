"""Videos into clips of 1800 frames."""
