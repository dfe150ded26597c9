"""Publishing of committed changes and events."""
