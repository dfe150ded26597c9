"""Stored media: their records, lists, hashes and deletion."""
