"""Parsing of uploaded archives: what the readers of all formats share."""
