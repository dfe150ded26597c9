"""Consistent snapshots of labels."""
