"""Facts and jobs: subscriptions of routers, and the middleware of their handlers."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import orjson
import structlog
from faststream import AckPolicy, BaseMiddleware
from faststream.nats import JStream, NatsMessage, NatsRouter, PullSub
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.api import ConsumerConfig
from pydantic import ValidationError

from common.contract.events import Event
from common.messaging.dependencies import handler_of
from common.messaging.rejected import Rejected
from common.messaging.topology import DEAD, Consumer, DeadLetters, consumer_of, dead_letters_of
from common.service.metrics import MESSAGE_SECONDS, MESSAGES

log = structlog.get_logger()

S = TypeVar("S")
E = TypeVar("E", bound=Event)

HEARTBEAT_S = 4.0  # under a third of every consumer's ack_wait


def consume(event: type[Event], *, by: str) -> dict[str, Any]:
    """Subscribe a router to a fact or a job, through the durable consumer in topology.py, one message at a time."""
    return _pull(consumer_of(event, by))


def consume_dead_letters(event: type[Event], *, by: str) -> dict[str, Any]:
    """Subscribe a router to the dead letters of `event`. The handler gets the original message.

    The server detects dead letters, so that messages that killed the process each time are included.
    """
    return _pull(dead_letters_of(event, by))


class EventRouter(NatsRouter, Generic[S]):
    """Consumes facts and jobs with the use cases of a service.

    router = EventRouter[ExportService]("export_service", by="export")
    router.consume(WriteExport, ExportService.write)
    router.consume_dead_letters(WriteExport, ExportService.give_up)
    """

    def __init__(self, name: str, *, by: str) -> None:
        """`name` is the keyword under which the service is passed to `service()`."""
        super().__init__()
        self._service = name
        self._by = by

    def consume(self, event: type[E], use_case: Callable[[S, E], Awaitable[None]]) -> None:
        """Consume a fact or a job; see `consume`."""
        self.subscriber(**consume(event, by=self._by))(handler_of(event, use_case, self._service))

    def consume_dead_letters(self, event: type[E], use_case: Callable[[S, E], Awaitable[None]]) -> None:
        """Consume the dead letters of a fact or a job; see `consume_dead_letters`."""
        self.subscriber(**consume_dead_letters(event, by=self._by))(handler_of(event, use_case, self._service))


def _pull(consumer: Consumer | DeadLetters) -> dict[str, Any]:
    workers = {"max_workers": consumer.workers} if consumer.workers > 1 else {}
    return workers | {
        "subject": consumer.filter_subject,
        "durable": consumer.durable,
        "stream": JStream(consumer.stream, declare=False),
        # A larger batch would wait for its slowest message while the ack deadline of the others expires.
        "pull_sub": PullSub(batch_size=1, timeout=5.0),
        "config": ConsumerConfig(ack_wait=consumer.ack_wait.total_seconds(), max_deliver=consumer.max_deliver),
        "ack_policy": AckPolicy.MANUAL,
        # A service may only subscribe to its own inboxes.
        "inbox_prefix": f"_INBOX_{consumer.by}.".encode(),
    }


class DeliveryMiddleware(BaseMiddleware[Any, Any]):
    """Acknowledges JetStream messages by the outcome of their handler.

    The ack deadline is extended while the handler works. Success → ack. `Rejected` or a validation error → terminated,
    a dead letter. Any other error → redelivered with exponential backoff.
    """

    async def consume_scope(self, call_next: Callable[[Any], Awaitable[Any]], msg: Any) -> Any:
        if not is_delivery(msg):
            return await call_next(msg)
        meta = msg.raw_message.metadata
        consumer = meta.consumer
        started = time.monotonic()
        heartbeat = asyncio.create_task(_heartbeat(msg))
        try:
            if meta.stream == DEAD:
                msg.body = await self._original(msg.body)
            await call_next(msg)
        except (Rejected, ValidationError) as error:
            log.error("message rejected", consumer=consumer, sequence=meta.sequence.stream, error=str(error))
            await msg.reject()
            MESSAGES.labels(consumer, "rejected").inc()
        except Exception as error:
            delay = backoff_s(meta.num_delivered)
            log.warning(
                "message failed",
                consumer=consumer,
                attempt=meta.num_delivered,
                retry_in_s=delay,
                error=repr(error),
                exc_info=error,
            )
            # A NAK without delay is redelivered at once and uses up max_deliver in milliseconds.
            await msg.nack(delay=delay)
            MESSAGES.labels(consumer, "failed").inc()
        else:
            await msg.ack()
            MESSAGES.labels(consumer, "done").inc()
        finally:
            heartbeat.cancel()
            MESSAGE_SECONDS.labels(consumer).observe(time.monotonic() - started)

    async def _original(self, advisory: bytes) -> bytes:
        """The message that an advisory of the server refers to."""
        bus = self.context.get("bus")
        letter = orjson.loads(advisory)
        original = await bus.jetstream.get_msg(letter["stream"], seq=letter["stream_seq"])
        return bytes(original.data or b"")


def backoff_s(attempt: int) -> float:
    """The delay in seconds after attempt number `attempt`: 1, 2, 4 … at most 60."""
    return float(min(60, 2 ** (attempt - 1)))


def is_request(msg: Any) -> bool:
    """Whether a message is a request of another service, regardless of its reply subject."""
    return str(msg.raw_message.subject).startswith("ask.")


def is_delivery(msg: Any) -> bool:
    """Whether a message was delivered from a stream by a durable consumer of this service."""
    return not is_request(msg) and str(msg.raw_message.reply or "").startswith("$JS.ACK.")


async def _heartbeat(msg: NatsMessage) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_S)
        with contextlib.suppress(ConnectionError, NatsTimeoutError):
            await msg.in_progress()
