"""MOT challenge."""
