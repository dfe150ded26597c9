"""From frames to tracks: detection with tracking, and quick label."""
