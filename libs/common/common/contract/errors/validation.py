"""Pydantic's validation errors as codes and sentences."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from common.contract.errors.catalogue import CATALOGUE
from common.contract.errors.problem import FieldError, Param, Problem, Reason, message_for


def problem_of(error: ValidationError) -> Problem:
    """A validation error as a problem with its fields."""
    return Problem.of_fields(field_errors(error.errors(include_url=False)))


def field_errors(errors: Iterable[Mapping[str, Any]]) -> list[FieldError]:
    """Pydantic's errors as field errors, with paths such as `a.0.b`."""
    return [FieldError(".".join(map(str, error["loc"])), reason_of(error)) for error in errors]


def reason_of(error: Mapping[str, Any]) -> Reason:
    """A Pydantic error as a reason: its type is the code, its context holds the parameters.

    Types that are not in the catalogue become `invalid_value` with Pydantic's message.
    """
    code = error["type"]
    entry = CATALOGUE.get(code)
    context: Mapping[str, Any] = error.get("ctx") or {}
    if entry is None or not entry.params <= context.keys():
        return Reason(code="invalid_value", message=message_of(error["msg"]))
    params: dict[str, Param] = {name: _param(context[name]) for name in entry.params}
    return Reason(code=code, params=params, message=message_for(code, params))


def message_of(message: str) -> str:
    """The message of a validator without the prefix that Pydantic adds."""
    return message.removeprefix("Value error, ").removeprefix("Assertion failed, ")


def _param(value: Any) -> Param:
    return value if isinstance(value, str | int | float) else str(value)
