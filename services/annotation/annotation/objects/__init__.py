"""Reading and editing of labeled objects."""
