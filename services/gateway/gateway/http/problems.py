"""Every error as problem+json (RFC 9457): one table from exceptions to codes, one from kinds of errors to statuses."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from faststream.exceptions import IncorrectState
from nats.errors import Error as NatsError
from pydantic import BaseModel, Field, JsonValue, ValidationError
from pymongo.errors import PyMongoError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from urllib3.exceptions import HTTPError as ObjectStoreError

from common.contract.errors import (
    CATALOGUE,
    CodedError,
    ErrorKind,
    FieldError,
    Param,
    Problem,
    Reason,
    field_errors,
    problem_of,
)
from common.messaging.bus import trace_id
from common.storage.objects import NoSuchObject

log = structlog.get_logger()
MEDIA_TYPE = "application/problem+json"

STATUSES: dict[ErrorKind, tuple[int, str]] = {
    ErrorKind.BAD_REQUEST: (400, "Bad request"),
    ErrorKind.UNAUTHENTICATED: (401, "Not signed in"),
    ErrorKind.FORBIDDEN: (403, "Not allowed"),
    ErrorKind.NOT_FOUND: (404, "Not found"),
    ErrorKind.METHOD_NOT_ALLOWED: (405, "Method not allowed"),
    ErrorKind.TOO_SLOW: (408, "Request timed out"),
    ErrorKind.CONFLICT: (409, "Conflict"),
    ErrorKind.GONE: (410, "Gone"),
    ErrorKind.LENGTH_REQUIRED: (411, "Length required"),
    ErrorKind.TOO_LARGE: (413, "Too large"),
    ErrorKind.UNSUPPORTED_MEDIA_TYPE: (415, "Unsupported media type"),
    ErrorKind.RANGE_NOT_SATISFIABLE: (416, "Range not satisfiable"),
    ErrorKind.INVALID: (422, "Invalid request"),
    ErrorKind.REASON: (422, "Invalid request"),
    ErrorKind.RATE_LIMITED: (429, "Too many attempts"),
    ErrorKind.INTERNAL: (500, "Internal error"),
    ErrorKind.NOT_CONFIGURED: (501, "Not configured"),
    ErrorKind.UNAVAILABLE: (503, "Service unavailable"),
    ErrorKind.TIMED_OUT: (504, "Timed out"),
}
_LOCATIONS = ("body", "query", "path", "header", "cookie")
_CODES_BY_STATUS = {404: "route_not_found", 405: "method_not_allowed"}


class FieldProblem(BaseModel):
    """The error of one field."""

    field: str
    code: str
    params: dict[str, Param] = {}
    message: str


class ProblemJson(BaseModel):
    """An error (RFC 9457). `code` is stable and names the error for programs; `params` are the values in its sentence,
    `detail`. `errors` lists the fields at fault."""

    type: str = "about:blank"
    title: str
    status: int
    code: str = Field(json_schema_extra={"enum": list[JsonValue](sorted(CATALOGUE))})
    params: dict[str, Param] = {}
    detail: str
    errors: list[FieldProblem] = []


def problem_response(error: CodedError) -> Response:
    """An error as the response."""
    status, title = STATUSES[error.kind]
    body = ProblemJson(
        title=title,
        status=status,
        code=error.code,
        params=dict(error.params),
        detail=error.message,
        errors=[_field_problem(field) for field in getattr(error, "errors", ())],
    )
    headers = {"Cache-Control": "no-store"}
    if error.kind is ErrorKind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    if retry_after := error.params.get("seconds"):
        headers["Retry-After"] = str(retry_after)
    return Response(body.model_dump_json(), status, headers, MEDIA_TYPE)


def _field_problem(error: FieldError) -> FieldProblem:
    reason: Reason = error.reason
    return FieldProblem(field=error.field, code=reason.code, params=reason.params, message=reason.message)


def _unchanged(error: CodedError) -> CodedError:
    return error


def _invalid_request(error: RequestValidationError) -> Problem:
    return Problem.of_fields(field_errors([detail | {"loc": _location(detail["loc"])} for detail in error.errors()]))


def _location(location: tuple[Any, ...]) -> tuple[Any, ...]:
    """The path of a field without the part of the request it lies in."""
    return (location[1:] if location and location[0] in _LOCATIONS else location) or ("body",)


def _http_error(error: HTTPException) -> CodedError:
    # FastAPI turns every exception of reading the body into a 400.
    if isinstance(error.__cause__, CodedError):
        return error.__cause__
    return Problem(_CODES_BY_STATUS.get(error.status_code, "bad_request"))


def _unavailable(code: str) -> Callable[[Exception], Problem]:
    def problem(error: Exception) -> Problem:
        log.warning("server unavailable", code=code, error=repr(error))
        return Problem(code)

    return problem


def _object_missing(_: Exception) -> Problem:
    return Problem("stored_file_not_found")


def _aborted(_: Exception) -> Problem:
    return Problem("request_aborted")


def _unexpected(error: Exception) -> Problem:
    log.error("request failed", error=repr(error), exc_info=error)
    return Problem("internal_error", trace_id=trace_id() or "")


TABLE: dict[type[Exception], Callable[[Any], CodedError]] = {
    CodedError: _unchanged,
    RequestValidationError: _invalid_request,
    ValidationError: problem_of,
    HTTPException: _http_error,
    NoSuchObject: _object_missing,
    ClientDisconnect: _aborted,
    IncorrectState: _unavailable("message_bus_unavailable"),
    NatsError: _unavailable("message_bus_unavailable"),
    PyMongoError: _unavailable("database_unavailable"),
    httpx.TransportError: _unavailable("object_store_unavailable"),
    ObjectStoreError: _unavailable("object_store_unavailable"),
    Exception: _unexpected,
}


def problem_of_any(error: Exception) -> CodedError:
    """An exception as a coded error, by the table."""
    translate = next(TABLE[base] for base in type(error).__mro__ if base in TABLE)
    return translate(error)


def add_problems(app: FastAPI) -> None:
    """Respond to every exception by the table."""
    for exception, translate in TABLE.items():
        app.add_exception_handler(exception, _handler(translate))


def _handler(translate: Callable[[Any], CodedError]) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def respond(_: Request, error: Exception) -> Response:
        return problem_response(translate(error))

    return respond
