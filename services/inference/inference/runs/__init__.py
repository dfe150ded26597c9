"""Runs: a model over clips, or quick label over the gaps of one object."""
