"""Limits of request bodies: their size, and the time in which they have to arrive."""

import asyncio

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common.contract.errors import Problem
from gateway.http.problems import problem_response

MB = 1024 * 1024
MAX_JSON_BYTES = 10 * MB
# For small files; large ones are sent in parts.
MAX_FORM_BYTES = 512 * MB
# An archive of labels is streamed to S3.
MAX_ARCHIVE_BYTES = 2048 * MB
BODY_TIMEOUT_S = 60.0


class BodyLimitMiddleware:
    """Refuses bodies that are too large or too slow, except the parts of uploads, which are streamed and counted."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = _limit(scope)
        if limit is None:
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdecimal() or int(declared) > limit:
            await problem_response(_too_large(limit))(scope, receive, send)
            return
        timeout_s = BODY_TIMEOUT_S if limit == MAX_JSON_BYTES else None
        await self._app(scope, _LimitedBody(receive, limit, timeout_s).receive, send)


def _limit(scope: Scope) -> int | None:
    if scope["type"] != "http" or (scope["method"] == "PUT" and "/parts/" in scope["path"]):
        return None
    if scope["method"] == "POST" and scope["path"].endswith("/imports"):
        return MAX_ARCHIVE_BYTES
    is_form = Headers(scope=scope).get("content-type", "").startswith("multipart/form-data")
    return MAX_FORM_BYTES if is_form and scope["path"].endswith("/media") else MAX_JSON_BYTES


def _too_large(limit: int) -> Problem:
    return Problem("body_too_large", limit_mb=limit // MB)


class _LimitedBody:
    def __init__(self, receive: Receive, limit: int, timeout_s: float | None) -> None:
        self._receive = receive
        self._left = limit
        self._limit = limit
        self._deadline = None if timeout_s is None else asyncio.get_running_loop().time() + timeout_s
        self._complete = False

    async def receive(self) -> Message:
        if self._complete:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError as error:
            raise Problem("request_timed_out") from error
        self._left -= len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._left < 0:
            raise _too_large(self._limit)
        return message


def declared_length(request: Request) -> int:
    """The Content-Length of a body that is streamed on. Raises Problem."""
    declared = request.headers.get("content-length", "")
    if not declared.isdecimal():
        raise Problem("length_required")
    return int(declared)
