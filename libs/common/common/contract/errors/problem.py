"""Errors with a code: raised in code, sent between services, shown in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeAlias

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from common.contract.errors.catalogue import CATALOGUE
from common.contract.errors.kinds import ErrorKind
from common.contract.model import Model

Param: TypeAlias = "str | int | float | Reason"
Params = Mapping[str, Param]


class Reason(Model):
    """Why: a code of the catalogue, its parameters, and the English sentence for readers without a dictionary."""

    code: str
    params: dict[str, Param] = Field(default_factory=dict)
    message: str = ""

    @model_validator(mode="before")
    @classmethod
    def _accept_prose(cls, value: Any) -> Any:
        # LEGACY: goes with the last call site that passes prose.
        return {"code": "invalid_value", "message": value} if isinstance(value, str) else value

    def __str__(self) -> str:
        return self.message

    def __eq__(self, other: object) -> bool:
        # LEGACY: equal to its sentence, until every test compares codes.
        return self.message == other if isinstance(other, str) else super().__eq__(other)

    def __hash__(self) -> int:
        return hash((self.code, self.message))

    def __contains__(self, text: str) -> bool:
        # LEGACY: as `__eq__`.
        return text in self.message


def message_for(code: str, params: Params) -> str:
    """The English sentence of a code.

    Raises:
        KeyError: the code, or a parameter of its sentence, is missing.
    """
    return CATALOGUE[code].sentence.format_map(params)


def reason_for(code: str, **params: Param) -> Reason:
    """A reason with its sentence.

    Raises:
        KeyError: the code, or a parameter of its sentence, is missing.
    """
    return Reason(code=code, params=params, message=message_for(code, params))


def invalid_value(code: str, **params: Param) -> PydanticCustomError:
    """The error that a Pydantic validator raises to say what is wrong with a value, by its code.

    Raises:
        KeyError: the code, or a parameter of its sentence, is missing.
    """
    # Pydantic formats the template itself; the sentence is finished, so that braces in it have to be doubled.
    sentence = message_for(code, params).replace("{", "{{").replace("}", "}}")
    return PydanticCustomError(code, sentence, dict(params))


class CodedError(Exception):
    """An error with a code of the catalogue. Domain errors are subclasses.

    Raises:
        KeyError: the code, or a parameter of its sentence, is missing.
    """

    def __init__(self, code: str, /, **params: Param) -> None:
        self.code = code
        self.params = params
        self.message = message_for(code, params)
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    @property
    def kind(self) -> ErrorKind:
        """The kind of the code."""
        return CATALOGUE[self.code].kind

    @property
    def reason(self) -> Reason:
        """The error as a value."""
        return Reason(code=self.code, params=dict(self.params), message=self.message)


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of a request."""

    field: str
    reason: Any

    def __post_init__(self) -> None:
        if isinstance(self.reason, str):  # LEGACY: goes with the last call site that passes prose
            object.__setattr__(self, "reason", Reason(code="invalid_value", message=self.reason))

    @property
    def message(self) -> str:
        """The sentence."""
        return str(self.reason.message)


class Problem(CodedError):
    """A refused request: a code, its parameters, and the fields at fault (on HTTP: RFC 9457)."""

    title: str = ""
    _legacy_kind: ErrorKind | None = None

    def __init__(
        self,
        code: str | int,
        title: str = "",
        detail: str = "",
        errors: Sequence[FieldError] = (),
        **params: Param,
    ) -> None:
        if isinstance(code, int):  # LEGACY: status, title and prose
            super().__init__("bad_request")
            self.message, self.title = detail, title
            self._legacy_kind = next(
                (kind for kind, status in _LEGACY.items() if status == code), ErrorKind.BAD_REQUEST
            )
        else:
            super().__init__(code, **params)
        self.errors = list(errors)

    @property
    def kind(self) -> ErrorKind:
        """The kind of the code."""
        return self._legacy_kind or super().kind

    def __str__(self) -> str:
        return f"{self.status} {self.title}: {self.detail}" if self._legacy_kind else super().__str__()

    @property
    def status(self) -> int:
        """LEGACY: the HTTP status."""
        return _LEGACY[self.kind]

    @property
    def detail(self) -> str:
        """LEGACY: the sentence."""
        return self.message

    @classmethod
    def of_field(cls, field: str, code: str, /, **params: Param) -> Self:
        """A request with one wrong field."""
        return cls(code, "", "", [FieldError(field, reason_for(code, **params))], **params)

    @classmethod
    def of_fields(cls, errors: Sequence[FieldError]) -> Self:
        """A request with several wrong fields; the first one's sentence stands for all."""
        if not errors:
            return cls("invalid_request")
        problem = cls("invalid_request", errors=errors)
        problem.message = errors[0].reason.message
        return problem

    @classmethod
    def of_reason(cls, reason: Reason) -> Self:
        """A request refused for a known reason."""
        params: Any = reason.params
        return cls(reason.code, **params)

    def to_json(self) -> dict[str, Any]:
        """The problem as it travels between services."""
        errors = [{"field": error.field, **error.reason.model_dump()} for error in self.errors]
        legacy = {"kind": self._legacy_kind, "title": self.title} if self._legacy_kind else {}
        return {"code": self.code, "params": dict(self.params), "message": self.message, "errors": errors} | legacy

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """The problem that another service sent."""
        errors = [
            FieldError(error["field"], Reason(code=error["code"], params=error["params"], message=error["message"]))
            for error in document["errors"]
        ]
        params: Any = document["params"]
        problem = cls(document["code"], errors=errors, **params)
        problem.message = document["message"]
        problem.title = document.get("title", "")
        if kind := document.get("kind"):  # LEGACY
            problem._legacy_kind = ErrorKind(kind)
        return problem


# LEGACY: the statuses of problems that are still raised with one.
_LEGACY: dict[ErrorKind, int] = {
    ErrorKind.BAD_REQUEST: 400,
    ErrorKind.INVALID: 422,
    ErrorKind.UNAUTHENTICATED: 401,
    ErrorKind.FORBIDDEN: 403,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.METHOD_NOT_ALLOWED: 405,
    ErrorKind.CONFLICT: 409,
    ErrorKind.GONE: 410,
    ErrorKind.LENGTH_REQUIRED: 411,
    ErrorKind.TOO_LARGE: 413,
    ErrorKind.TOO_SLOW: 408,
    ErrorKind.RANGE_NOT_SATISFIABLE: 416,
    ErrorKind.UNSUPPORTED_MEDIA_TYPE: 415,
    ErrorKind.RATE_LIMITED: 429,
    ErrorKind.INTERNAL: 500,
    ErrorKind.NOT_CONFIGURED: 501,
    ErrorKind.UNAVAILABLE: 503,
    ErrorKind.TIMED_OUT: 504,
    ErrorKind.REASON: 422,
}
