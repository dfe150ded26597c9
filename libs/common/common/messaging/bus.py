"""The bus: requests to other services, and events for their consumers.

`handlers.py` and `delivery.py` contain the middleware of request handlers and consumers, which need no error handling
themselves.
"""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Protocol, TypeVar

import orjson
import structlog
from faststream.nats import NatsBroker
from faststream.nats.opentelemetry import NatsTelemetryMiddleware
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError
from opentelemetry import propagate, trace

from common.contract.errors import ErrorKind, Problem
from common.contract.events import Event
from common.contract.model import Model
from common.contract.questions import Question
from common.messaging.delivery import DeliveryMiddleware
from common.messaging.dependencies import Dependency
from common.messaging.handlers import RequestMiddleware
from common.service.metrics import EVENTS_PUBLISHED
from common.service.settings import Settings
from common.storage.objects import Objects

A = TypeVar("A", bound=Model)
log = structlog.get_logger()

PUBLISH_TIMEOUT_S = 5.0
PATIENCE_S = 120.0
_RETRY_DELAYS_S = (0.05, 0.2, 0.5)


@dataclass(frozen=True, slots=True)
class SerializedEvent:
    """An event that is already serialized. `event` only provides its subject, id and headers."""

    event: Event
    body: bytes


class Bus:
    """A service's connection to the other services."""

    def __init__(self, name: str, settings: Settings) -> None:
        self.name = name
        self.settings = settings
        self.stopping = False
        self.objects = Objects(settings.s3_url)
        self.broker = NatsBroker(
            settings.nats_url,
            name=name,
            inbox_prefix=f"_INBOX_{name}",
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            connect_timeout=3,
            graceful_timeout=20,
            error_cb=self._on_error,
            disconnected_cb=self._on_disconnect,
            reconnected_cb=self._on_reconnect,
            middlewares=[NatsTelemetryMiddleware(), DeliveryMiddleware, RequestMiddleware],
            logger=None,
        )
        self.broker.context.set_global("bus", self)

    @property
    def connection(self) -> Any:
        """The NATS client, once connected."""
        return self.broker.config.connection_state.connection

    @property
    def jetstream(self) -> Any:
        """The JetStream context of that client."""
        return self.broker.config.connection_state.stream

    async def ask(self, question: Question[A]) -> A:
        """Send a request to a service and wait for its answer.

        Raises:
            Problem: The service refused the request, is unavailable, or did not answer in time.
        """
        return question.answer().model_validate_json(await self.ask_json(question))

    async def ask_json(self, question: Question[Any]) -> bytes:
        """The answer as JSON, for callers that forward it.

        Raises:
            Problem: As `ask`.
        """
        headers: dict[str, str] = {}
        propagate.inject(headers)
        body = question.model_dump_json().encode()
        try:
            reply = await self._request(question, body, headers or None)
        except NoRespondersError as error:
            raise Problem("service_unavailable", service=question.to) from error
        except NatsTimeoutError as error:
            raise Problem("service_timed_out", service=question.to) from error
        return await self._unpack(reply)

    async def _request(self, question: Question[Any], body: bytes, headers: dict[str, str] | None) -> Any:
        """The reply. A request without responders had no effect, so it is safe to retry while a replica starts."""
        delays = iter(_RETRY_DELAYS_S)
        while True:
            try:
                return await self.connection.request(
                    question.subject(), body, timeout=question.timeout_s, headers=headers
                )
            except NoRespondersError:
                delay_s = next(delays, None)
                if delay_s is None:
                    raise
                await asyncio.sleep(delay_s)

    async def _unpack(self, reply: Any) -> bytes:
        headers = reply.headers or {}
        if "problem" in headers:
            raise Problem.from_json(orjson.loads(reply.data))
        if key := headers.get("carried"):
            body = await self.objects.get(key)
            await self.objects.delete(key)
            return body
        return bytes(reply.data)

    async def publish(self, *events: Event | SerializedEvent) -> None:
        """Publish events and wait until the server has stored them. Idempotent.

        The headers are CloudEvents 1.0 in NATS binary mode.
        """
        await asyncio.gather(*(self._publish(event) for event in events))

    async def _publish(self, published: Event | SerializedEvent) -> None:
        event, body = _serialized(published)
        headers = {
            "Nats-Msg-Id": event.id,
            "ce-specversion": "1.0",
            "ce-id": event.id,
            "ce-type": f"{event.type}.v{event.version}",
            "ce-source": f"/tracklane/{self.name}",
            "ce-subject": event.about,
            "ce-time": datetime.now(UTC).isoformat(),
            "content-type": "application/json",
        }
        propagate.inject(headers)
        await self.jetstream.publish(
            event.subject,
            body,
            timeout=PUBLISH_TIMEOUT_S,
            stream=event.stream,
            headers=headers,
        )
        EVENTS_PUBLISHED.labels(event.type).inc()

    async def _on_error(self, error: Exception) -> None:
        log.warning("nats error", error=str(error) or repr(error))

    async def _on_disconnect(self) -> None:
        if not self.stopping:
            log.warning("nats disconnected; reconnecting")

    async def _on_reconnect(self) -> None:
        log.info("nats reconnected")


class AskClient(Protocol):
    """A client of services: the bus, or a fake in tests."""

    async def ask(self, question: Question[A]) -> A:
        """The answer. Raises Problem."""


async def ask_with_retry(bus: AskClient, question: Question[A], patience_s: float = PATIENCE_S) -> A:
    """The answer, with retries while the service restarts. For jobs, whose delivery attempts an outage must not use up.

    Raises:
        Problem: The service refused the request, or is unavailable for longer than `patience_s`.
    """
    give_up_at = time.monotonic() + patience_s
    while True:
        try:
            return await bus.ask(question)
        except Problem as problem:
            if problem.kind not in (ErrorKind.UNAVAILABLE, ErrorKind.TIMED_OUT) or time.monotonic() > give_up_at:
                raise
        await asyncio.sleep(1.0)


InjectedBus = Annotated[Bus, Dependency("bus")]


def trace_id() -> str | None:
    """The id of the current trace."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None


def _serialized(published: Event | SerializedEvent) -> tuple[Event, bytes]:
    if isinstance(published, SerializedEvent):
        return published.event, published.body
    return published, published.model_dump_json().encode()
