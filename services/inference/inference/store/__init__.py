"""All IO: runs in MongoDB, footage and suggestions in S3."""
