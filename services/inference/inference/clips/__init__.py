"""Clips in S3: decoded frames, and the suggestions made from them."""
