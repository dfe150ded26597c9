"""Planning: the frames and clips of a stored medium."""
