"""The error of a message that can never succeed."""


class Rejected(Exception):
    """The message becomes a dead letter at once. Any other error is retried."""
