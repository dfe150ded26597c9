"""LEGACY names of `common.contract.errors`; goes with the last call site."""

from typing import Any

from common.contract.errors import FieldError, Problem, message_of
from common.messaging.rejected import Rejected

__all__ = ["FieldError", "Problem", "Rejected", "invalid", "message_of", "not_found"]


def not_found(what: str) -> Problem:
    """The answer for a missing thing and for another project's thing alike: nobody learns which."""
    return Problem(404, f"No such {what}", f"This {what} does not exist, or you have no access to it.")


def invalid(field_name: str, message: Any) -> Problem:
    """The answer to one wrong field."""
    return Problem(422, "Invalid request", message, [FieldError(field_name, message)])
