"""Verbs of edits: each returns the changed fields of an object, or refuses."""
