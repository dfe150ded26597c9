"""Streamed archives."""
