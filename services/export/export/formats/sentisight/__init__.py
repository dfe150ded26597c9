"""SentiSight: JSON and CSV."""
