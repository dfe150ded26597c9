"""LabelMe: XML and JSON."""
