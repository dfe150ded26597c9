"""Work sessions and labeling time."""
