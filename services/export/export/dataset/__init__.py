"""The labels and media that writers consume, as streams."""
