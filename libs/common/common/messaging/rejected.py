"""The error of a message that can never succeed."""


class Rejected(Exception):
    """The message goes to the dead letters at once. Any other error is retried."""
