"""How an edit is refused, and how two that were made at once are told apart."""


class Refusal(Exception):
    """The edit cannot be applied, and why, in words for the person who made it."""


class UnknownName(Refusal):
    """The edit names something that its project's missions do not have."""


class Clash(Exception):
    """The edit and what was changed since it was made cannot both stay; what they disagree about, in words."""
