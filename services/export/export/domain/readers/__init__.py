"""The ways in, one for each format: archives of other programs and of our own become objects."""
