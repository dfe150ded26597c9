"""Suggested tracks and their reviews."""
