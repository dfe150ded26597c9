"""What is around every request: a span that continues the caller's, metrics, one line in the log, limits, headers."""

import asyncio
import time
from collections.abc import Callable

import structlog
from fastapi.responses import Response
from opentelemetry import propagate, trace
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common.service.errors import Problem

log = structlog.get_logger()
tracer = trace.get_tracer("tracklane.gateway")
REQUESTS = Counter("tracklane_http_requests_total", "HTTP requests", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "tracklane_http_seconds",
    "Time to the end of the answer",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.06, 0.1, 0.25, 1, 5, 30, 300),
)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
TRACE_HEADERS = frozenset({b"traceparent", b"tracestate", b"baggage"})
QUIET = frozenset({"/live", "/ready", "/metrics", "ui"})

API = "/api/v1"
MAX_JSON_BYTES = 10 * 1024 * 1024
# The shortcut for small files; large ones come in dependencies.
MAX_FORM_BYTES = 512 * 1024 * 1024
# An archive of labels, which goes on to S3 as it comes.
MAX_ARCHIVE_BYTES = 2 * 1024 * 1024 * 1024
BODY_TIMEOUT_S = 60.0

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000"}


class RequestMiddleware:
    """The outermost layer, for HTTP; WebSockets pass."""

    def __init__(self, app: ASGIApp, *, is_secure: bool) -> None:
        self._app = app
        self._headers = SECURITY_HEADERS | (HTTPS_ONLY if is_secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, answered = time.monotonic(), _ResponseHeaders(send, self._headers | _caching(scope))
        carrier = {name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in TRACE_HEADERS}
        with tracer.start_as_current_span("request", context=propagate.extract(carrier)) as span:
            try:
                await self._app(scope, receive, answered.send)
            finally:
                route = _route(scope)
                span.update_name(f"{scope['method']} {route}")
                _record(scope["method"], route, answered.status, time.monotonic() - started)


def _caching(scope: Scope) -> dict[str, str]:
    """What a route does not say otherwise: answers of the API are kept by nobody."""
    return {"Cache-Control": "no-store"} if scope["path"].startswith("/api/") else {}


class _ResponseHeaders:
    """Adds headers to the answer, and remembers its status; 500 if it never began."""

    def __init__(self, send: Send, headers: dict[str, str]) -> None:
        self._send = send
        self._headers = headers
        self.status = 500

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self._headers.items():
                headers.setdefault(name, value)
        await self._send(message)


def _route(scope: Scope) -> str:
    """The route's template: never an id."""
    path = getattr(scope.get("route"), "path", None)
    if not isinstance(path, str) or not path:
        return "none"
    # A route knows its path inside its router only.
    return f"{API}{path}" if scope["path"].startswith(API) and not path.startswith(API) else path


def _record(method: str, route: str, status: int, seconds: float) -> None:
    known = method if method in METHODS else "other"
    REQUESTS.labels(known, route, str(status)).inc()
    REQUEST_SECONDS.labels(known, route).observe(seconds)
    if route not in QUIET:
        log.info("request", method=known, route=route, status=status, ms=round(seconds * 1000, 1))


class BodyLimitMiddleware:
    """Refuses bodies that are too large or never end, but for parts of uploads, which are streamed and counted."""

    def __init__(self, app: ASGIApp, refuse: Callable[[Problem], Response]) -> None:
        self._app = app
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = _limit(scope)
        if limit is None:
            await self._app(scope, receive, send)
            return
        told = Headers(scope=scope).get("content-length", "0")
        if not told.isdecimal() or int(told) > limit:
            await self._refuse(_too_large(limit))(scope, receive, send)
            return
        deadline = BODY_TIMEOUT_S if limit == MAX_JSON_BYTES else None
        await self._app(scope, _LimitedBody(receive, limit, deadline).receive, send)


def _limit(scope: Scope) -> int | None:
    if scope["type"] != "http" or (scope["method"] == "PUT" and "/parts/" in scope["path"]):
        return None
    if scope["method"] == "POST" and scope["path"].endswith("/imports"):
        return MAX_ARCHIVE_BYTES
    is_form = Headers(scope=scope).get("content-type", "").startswith("multipart/form-data")
    return MAX_FORM_BYTES if is_form and scope["path"].endswith("/media") else MAX_JSON_BYTES


def _too_large(limit: int) -> Problem:
    return Problem(413, "Too large", f"At most {limit // 1024 // 1024} MB can be sent at once.")


class _LimitedBody:
    def __init__(self, receive: Receive, limit: int, within_s: float | None) -> None:
        self._receive = receive
        self._left = limit
        self._limit = limit
        self._deadline = None if within_s is None else asyncio.get_running_loop().time() + within_s
        self._complete = False

    async def receive(self) -> Message:
        if self._complete:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError as error:
            raise HTTPException(408, "The request did not arrive in time.") from error
        self._left -= len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._left < 0:
            # FastAPI answers any other error here with a 400 of its own.
            raise HTTPException(413, _too_large(self._limit).detail)
        return message
