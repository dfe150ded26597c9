"""Dataset versions: labels and files of one moment, kept unchanged."""
