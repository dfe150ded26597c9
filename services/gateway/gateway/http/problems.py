"""Every way a request can fail, as problem+json (RFC 9457): one table."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from faststream.exceptions import IncorrectState
from nats.errors import Error as NatsError
from pydantic import BaseModel, ValidationError
from pymongo.errors import PyMongoError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from urllib3.exceptions import HTTPError as S3Away

from common.contract.errors import problem_of
from common.messaging.bus import trace_id
from common.service.errors import FieldError, Problem, message_of
from common.storage.objects import NoSuchObject

log = structlog.get_logger()
MEDIA_TYPE = "application/problem+json"
_PLACES = ("body", "query", "path", "header", "cookie")
_TITLES = {
    400: "Bad request",
    404: "Not found",
    405: "Method not allowed",
    408: "Too slow",
    413: "Too large",
}
_DETAILS = {404: "There is nothing at this address.", 405: "This address does not take this method."}


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str
    message: str


class ProblemJson(BaseModel):
    """An error: RFC 9457, with the fields at fault."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = []


def problem_response(problem: Problem) -> Response:
    """A problem as an HTTP answer."""
    errors = [FieldProblem(field=error.field, message=error.message) for error in problem.errors]
    told = ProblemJson(title=problem.title, status=problem.status, detail=problem.detail, errors=errors)
    headers = {"Cache-Control": "no-store"}
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if retry_after := getattr(problem, "retry_after_s", None):
        headers["Retry-After"] = str(retry_after)
    return Response(told.model_dump_json(), problem.status, headers, MEDIA_TYPE)


def _as_it_is(error: Problem) -> Problem:
    return error


def _wrong_request(error: RequestValidationError) -> Problem:
    errors = [FieldError(_field(found["loc"]), message_of(found["msg"])) for found in error.errors()]
    detail = "; ".join(f"{wrong.field}: {wrong.message}" for wrong in errors[:5])
    return Problem(422, "Invalid request", detail, errors)


def _field(location: tuple[Any, ...]) -> str:
    rest = location[1:] if location and location[0] in _PLACES else location
    return ".".join(map(str, rest)) or "body"


def _no_route(error: HTTPException) -> Problem:
    status = error.status_code
    return Problem(status, _TITLES.get(status, "Refused"), _DETAILS.get(status, str(error.detail)))


def _away(what: str) -> Callable[[Exception], Problem]:
    def away(error: Exception) -> Problem:
        log.warning("server away", what=what, error=repr(error))
        return Problem(503, "Service unavailable", f"{what} cannot be reached at the moment. Please try again soon.")

    return away


def _nothing_stored(_: Exception) -> Problem:
    return Problem(404, "Not there", "This does not exist, or not yet.")


def _gone(_: Exception) -> Problem:
    return Problem(400, "Broken off", "The request ended before all of its body arrived.")


def _unexpected(error: Exception) -> Problem:
    log.error("request failed", error=repr(error), exc_info=error)
    return Problem(500, "Internal error", f"Something went wrong; it has been logged as {trace_id()}.")


TABLE: dict[type[Exception], Callable[[Any], Problem]] = {
    Problem: _as_it_is,
    RequestValidationError: _wrong_request,
    ValidationError: problem_of,
    HTTPException: _no_route,
    NoSuchObject: _nothing_stored,
    ClientDisconnect: _gone,
    IncorrectState: _away("The message bus"),
    NatsError: _away("The message bus"),
    PyMongoError: _away("The database"),
    httpx.TransportError: _away("The object store"),
    S3Away: _away("The object store"),
    Exception: _unexpected,
}


def problem_of_any(error: Exception) -> Problem:
    """What the table says of an error."""
    meaning = next(TABLE[base] for base in type(error).__mro__ if base in TABLE)
    return meaning(error)


def add_problems(app: FastAPI) -> None:
    """Answer every error by the table."""
    for error_class, meaning in TABLE.items():
        app.add_exception_handler(error_class, _answer_with(meaning))


def _answer_with(meaning: Callable[[Any], Problem]) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(_: Request, error: Exception) -> Response:
        return problem_response(meaning(error))

    return answer
