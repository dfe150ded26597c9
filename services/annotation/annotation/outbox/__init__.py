"""What is committed and not yet published."""
