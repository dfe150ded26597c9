"""All IO of the gateway: its database, S3 ranges, mail. One file per noun."""
