"""Labels of whole media."""
