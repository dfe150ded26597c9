"""Strict requests: undeclared fields and query parameters are refused by name, also inside nested objects."""

from collections.abc import Iterable
from typing import Any, Self

from fastapi import Depends, params
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationInfo, model_validator
from starlette.requests import HTTPConnection

from common.contract.errors import FieldError, Problem, reason_for
from common.contract.model import Model

_STRICT = object()


class RequestModel(Model):
    """Base of the gateway's request bodies. Contracts nested in them ignore unknown fields between services; in a
    request these are errors, too."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="wrap")
    @classmethod
    def _forbid_unknown_fields(cls, value: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        if info.context is _STRICT or not isinstance(value, dict):
            return handler(value)
        return cls.model_validate(value, extra="forbid", context=_STRICT)


def refuse_unknown_fields(names: Iterable[str], known: Iterable[str]) -> None:
    """Check the names at the top of a body or form. Raises Problem."""
    if unknown := sorted(set(names) - set(known)):
        raise Problem.of_fields([FieldError(name, reason_for("extra_forbidden")) for name in unknown])


def refuse_unknown_parameters(names: Iterable[str], known: Iterable[str]) -> None:
    """Check the names of query parameters. Raises Problem."""
    if unknown := sorted(set(names) - set(known)):
        raise Problem.of_fields([FieldError(name, reason_for("unknown_parameter")) for name in unknown])


async def _check_parameters(connection: HTTPConnection) -> None:
    dependant = getattr(connection.scope.get("route"), "dependant", None)
    if connection.query_params and isinstance(dependant, Dependant):
        refuse_unknown_parameters(connection.query_params.keys(), query_parameters(dependant))


# A dependency of all routers: refuses query parameters that the route does not declare.
DeclaredParametersOnly = Depends(_check_parameters)


def query_parameters(dependant: Dependant) -> frozenset[str]:
    """The query parameters of a route and of everything it depends on."""
    names: set[str] = set()
    for field in dependant.query_params:
        names |= _names(field.alias, field.field_info)
    for inner in dependant.dependencies:
        names |= query_parameters(inner)
    return frozenset(names)


def _names(alias: str, declared: Any) -> set[str]:
    model = declared.annotation if isinstance(declared, params.Query) else None
    if isinstance(model, type) and issubclass(model, BaseModel):
        return {field.alias or name for name, field in model.model_fields.items()}
    return {alias}
