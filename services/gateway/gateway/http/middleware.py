"""Around every request: a span that continues the caller's trace, metrics, one log line, security headers."""

import time

import structlog
from opentelemetry import propagate, trace
from prometheus_client import Counter, Histogram
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()
tracer = trace.get_tracer("tracklane.gateway")
REQUESTS = Counter("tracklane_http_requests_total", "HTTP requests", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "tracklane_http_seconds",
    "Time to the end of the response",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.06, 0.1, 0.25, 1, 5, 30, 300),
)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
TRACE_HEADERS = frozenset({b"traceparent", b"tracestate", b"baggage"})
QUIET = frozenset({"/live", "/ready", "/metrics", "ui"})

API = "/api/v1"

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
    """The outermost middleware, for HTTP; WebSockets pass through."""

    def __init__(self, app: ASGIApp, *, is_secure: bool) -> None:
        self._app = app
        self._headers = SECURITY_HEADERS | (HTTPS_ONLY if is_secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, response = time.monotonic(), _ResponseHeaders(send, self._headers | _caching(scope))
        carrier = {name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in TRACE_HEADERS}
        with tracer.start_as_current_span("request", context=propagate.extract(carrier)) as span:
            try:
                await self._app(scope, receive, response.send)
            finally:
                route = _route(scope)
                span.update_name(f"{scope['method']} {route}")
                _record(scope["method"], route, response.status, time.monotonic() - started)


def _caching(scope: Scope) -> dict[str, str]:
    """By default, responses of the API are not cached."""
    return {"Cache-Control": "no-store"} if scope["path"].startswith("/api/") else {}


class _ResponseHeaders:
    """Adds headers to the response and keeps its status; 500 if it never began."""

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
    """The route's template, which never has an id in it."""
    path = getattr(scope.get("route"), "path", None)
    if not isinstance(path, str) or not path:
        return "none"
    # A route knows only its path inside its router.
    return f"{API}{path}" if scope["path"].startswith(API) and not path.startswith(API) else path


def _record(method: str, route: str, status: int, seconds: float) -> None:
    known = method if method in METHODS else "other"
    REQUESTS.labels(known, route, str(status)).inc()
    REQUEST_SECONDS.labels(known, route).observe(seconds)
    if route not in QUIET:
        log.info("request", method=known, route=route, status=status, ms=round(seconds * 1000, 1))
