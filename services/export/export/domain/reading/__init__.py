"""What all ways in share: label files as hostile input, the media they are about, and the objects they hold."""
