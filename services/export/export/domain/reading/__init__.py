"""The way in: label files as hostile input, the media they are about, and the objects they hold."""
