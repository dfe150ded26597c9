"""Kinds of errors, and the entries of the catalogue."""

import string
from dataclasses import dataclass
from enum import StrEnum


class ErrorKind(StrEnum):
    """The category of an error. Only the gateway maps kinds to HTTP statuses."""

    BAD_REQUEST = "bad_request"
    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CONFLICT = "conflict"
    GONE = "gone"
    LENGTH_REQUIRED = "length_required"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    RANGE_NOT_SATISFIABLE = "range_not_satisfiable"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    RATE_LIMITED = "rate_limited"
    INTERNAL = "internal"
    NOT_CONFIGURED = "not_configured"
    UNAVAILABLE = "unavailable"
    TIMED_OUT = "timed_out"
    # A reason inside an answer, for a refused edit, a skipped row, a loss or a failed job. Never a response.
    REASON = "reason"


@dataclass(frozen=True, slots=True)
class ErrorType:
    """An entry of the catalogue: its kind, and an English sentence with `{params}`."""

    kind: ErrorKind
    sentence: str

    @property
    def params(self) -> frozenset[str]:
        """The names of the parameters that the sentence needs."""
        return frozenset(name for _, name, _, _ in string.Formatter().parse(self.sentence) if name)


def bad_request(sentence: str) -> ErrorType:
    """The request is malformed."""
    return ErrorType(ErrorKind.BAD_REQUEST, sentence)


def invalid(sentence: str) -> ErrorType:
    """A value is not acceptable."""
    return ErrorType(ErrorKind.INVALID, sentence)


def not_found(noun: str) -> ErrorType:
    """The resource does not exist, or the caller has no access to its project."""
    return ErrorType(ErrorKind.NOT_FOUND, f"This {noun} does not exist, or you have no access to it.")


def conflict(sentence: str) -> ErrorType:
    """The request conflicts with the current state."""
    return ErrorType(ErrorKind.CONFLICT, sentence)


def forbidden(sentence: str) -> ErrorType:
    """The caller may not do this."""
    return ErrorType(ErrorKind.FORBIDDEN, sentence)


def reason(sentence: str) -> ErrorType:
    """A reason for a skipped row, a refused edit, a loss or a failed job."""
    return ErrorType(ErrorKind.REASON, sentence)
