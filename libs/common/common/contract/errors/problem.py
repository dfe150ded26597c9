"""Errors with a code: raised in code, sent between services, shown in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeAlias

from pydantic import Field
from pydantic_core import PydanticCustomError

from common.contract.errors.catalogue import CATALOGUE
from common.contract.errors.kinds import ErrorKind
from common.contract.model import Model

Param: TypeAlias = "str | int | float | Reason"
Params = Mapping[str, Param]


class Reason(Model):
    """The reason of a failure: a code, its parameters, and the English sentence for clients without translations."""

    code: str
    params: dict[str, Param] = Field(default_factory=dict)
    message: str = ""

    def __str__(self) -> str:
        return self.message

    def __hash__(self) -> int:
        return hash((self.code, self.message))


def message_for(code: str, params: Params) -> str:
    """The English sentence of a code.

    Raises:
        KeyError: The code, or a parameter of its sentence, is missing.
    """
    return CATALOGUE[code].sentence.format_map(params)


def reason_for(code: str, **params: Param) -> Reason:
    """A reason with its sentence.

    Raises:
        KeyError: The code, or a parameter of its sentence, is missing.
    """
    return Reason(code=code, params=params, message=message_for(code, params))


def invalid_value(code: str, **params: Param) -> PydanticCustomError:
    """The error with a code of the catalogue that a Pydantic validator raises for an invalid value.

    Raises:
        KeyError: The code, or a parameter of its sentence, is missing.
    """
    # Pydantic formats the sentence as a template again, so braces in it are doubled.
    sentence = message_for(code, params).replace("{", "{{").replace("}", "}}")
    return PydanticCustomError(code, sentence, dict(params))


class CodedError(Exception):
    """An error with a code of the catalogue. Domain errors are subclasses.

    Raises:
        KeyError: The code, or a parameter of its sentence, is missing.
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
    """The error of one field of a request."""

    field: str
    reason: Reason

    @property
    def message(self) -> str:
        """The sentence."""
        return self.reason.message


class Problem(CodedError):
    """A refused request: a code, its parameters, and the invalid fields (on HTTP: RFC 9457)."""

    def __init__(self, code: str, /, *, errors: Sequence[FieldError] = (), **params: Param) -> None:
        super().__init__(code, **params)
        self.errors = list(errors)

    @classmethod
    def of_field(cls, field: str, code: str, /, **params: Param) -> Self:
        """A request with one invalid field."""
        return cls(code, errors=[FieldError(field, reason_for(code, **params))], **params)

    @classmethod
    def of_fields(cls, errors: Sequence[FieldError]) -> Self:
        """A request with several invalid fields, with the sentence of the first one."""
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
        """The JSON form of the problem, as sent between services."""
        errors = [{"field": error.field, **error.reason.model_dump()} for error in self.errors]
        return {"code": self.code, "params": dict(self.params), "message": self.message, "errors": errors}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Parse the problem sent by another service."""
        errors = [
            FieldError(error["field"], Reason(code=error["code"], params=error["params"], message=error["message"]))
            for error in document["errors"]
        ]
        params: Any = document["params"]
        problem = cls(document["code"], errors=errors, **params)
        problem.message = document["message"]
        return problem
