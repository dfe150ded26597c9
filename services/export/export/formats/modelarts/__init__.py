"""ModelArts."""
