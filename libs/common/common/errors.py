"""The two ways a thing can go wrong for good: a message that never succeeds, a question that is refused."""

from dataclasses import dataclass, field


class Rejected(Exception):
    """This message can never succeed: it goes to the dead letters at once. Any other error is retried."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of a request."""

    field: str
    message: str


@dataclass
class Problem(Exception):
    """A refusal with a reason: an HTTP status, a short title, a sentence, and the fields at fault (RFC 9457)."""

    status: int
    title: str
    detail: str = ""
    errors: list[FieldError] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.status} {self.title}: {self.detail}"


def not_found(what: str) -> Problem:
    """The answer for a missing thing and for another project's thing alike: nobody learns which."""
    return Problem(404, f"No such {what}", f"This {what} does not exist, or you have no access to it.")


def invalid(field_name: str, message: str) -> Problem:
    """The answer to one wrong field."""
    return Problem(422, "Invalid request", message, [FieldError(field_name, message)])


def in_words(message: str) -> str:
    """What a validator said, for a person: without the class of the error that Pydantic puts before our own words."""
    return message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
