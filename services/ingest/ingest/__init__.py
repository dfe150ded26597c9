"""Media into S3."""
