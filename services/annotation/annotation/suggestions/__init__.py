"""Tracks that runs suggest, and their reviews."""
