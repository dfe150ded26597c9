"""Exports: archives of labels, written on request."""
