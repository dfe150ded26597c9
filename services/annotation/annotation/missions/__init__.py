"""Missions: the categories, types and attributes of a project."""
