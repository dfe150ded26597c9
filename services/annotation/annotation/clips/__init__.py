"""Objects counted by clip."""
