"""All that touches MongoDB, S3 and other services."""
