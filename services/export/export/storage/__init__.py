"""S3 as imports, exports and versions use it."""
