"""All IO of the annotation service with MongoDB and S3."""
