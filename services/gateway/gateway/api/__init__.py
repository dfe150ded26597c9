"""The HTTP routes, one file per noun, all under /api/v1."""
