"""Dataset versions: labels and files at one moment, immutable."""
