"""Multipart uploads that become media."""
