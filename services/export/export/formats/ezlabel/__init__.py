"""ezLabel: JSON, XML and CSV."""
