"""Object tracks in MongoDB."""
