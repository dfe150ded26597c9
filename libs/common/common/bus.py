"""The first two roads: ask a service and get an answer now, tell what happened for whoever listens.

`answer` and `consume` give a router's subscriber its settings; `Delivery` and `Answering` are what every handler
and every answer has around it, so that neither needs a `try` of its own.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Protocol, TypeVar

import orjson
import structlog
from faststream import AckPolicy, BaseMiddleware
from faststream.nats import JStream, NatsBroker, NatsMessage, NatsResponse, PullSub
from faststream.nats.opentelemetry import NatsTelemetryMiddleware
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.api import ConsumerConfig
from opentelemetry import propagate, trace
from pydantic import ValidationError

from common.errors import FieldError, Problem, Rejected, in_words
from common.events import Event
from common.given import Given
from common.ids import new_id
from common.metrics import ANSWER_SECONDS, ANSWERS, MESSAGE_SECONDS, MESSAGES, TOLD
from common.model import Model
from common.objects import Objects
from common.questions import Question
from common.settings import Settings
from common.topology import DEAD, Consumer, DeadLetters, consumer_of, dead_letters_of

A = TypeVar("A", bound=Model)
log = structlog.get_logger()

# NATS carries at most 8 MB a message; an answer over half a megabyte would hold up the others on the connection.
CARRIED_ABOVE = 512 * 1024
PUBLISH_TIMEOUT_S = 5.0
ASKED_AT_ONCE = 64
PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Json:
    """An answer that is JSON already, exactly as its class would be written."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Written:
    """An event whose JSON is there already; `event` only has to know where it goes and what it is about."""

    event: Event
    body: bytes


class Bus:
    """A service's connection to the others."""

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
            middlewares=[NatsTelemetryMiddleware(), Delivery, Answering],
            logger=None,
        )
        self.broker.context.set_global("bus", self)

    @property
    def connection(self) -> Any:
        """The NATS client, once connected."""
        return self.broker.config.connection_state.connection

    @property
    def jetstream(self) -> Any:
        """JetStream on that client."""
        return self.broker.config.connection_state.stream

    async def ask(self, question: Question[A]) -> A:
        """Ask a service and wait for its answer.

        Raises:
            Problem: the service refused, with its own status; 503 if no service answers, 504 if not in time.
        """
        return question.answer().model_validate_json(await self.ask_json(question))

    async def ask_json(self, question: Question[Any]) -> bytes:
        """The same answer as JSON, for who passes it on.

        Raises:
            Problem: as `ask`.
        """
        headers: dict[str, str] = {}
        propagate.inject(headers)
        body = question.model_dump_json().encode()
        try:
            reply = await self.connection.request(
                question.subject(), body, timeout=question.timeout_s, headers=headers or None
            )
        except NoRespondersError as error:
            raise Problem(503, "Service unavailable", f"The {question.to} service is not running.") from error
        except NatsTimeoutError as error:
            raise Problem(504, "Service timed out", f"The {question.to} service did not answer in time.") from error
        return await self._unpack(reply)

    async def _unpack(self, reply: Any) -> bytes:
        headers = reply.headers or {}
        if headers.get("status", "200") != "200":
            refusal = orjson.loads(reply.data)
            errors = [FieldError(**error) for error in refusal.get("errors", [])]
            raise Problem(int(headers["status"]), refusal["title"], refusal["detail"], errors)
        if key := headers.get("carried"):
            body = await self.objects.get(key)
            await self.objects.delete(key)
            return body
        return bytes(reply.data)

    async def tell(self, *events: Event | Written) -> None:
        """Publish events and wait until the server has them on disk; told twice, they are the same events.

        The headers are CloudEvents 1.0 in NATS binary mode.
        """
        await asyncio.gather(*(self._publish(event) for event in events))

    async def _publish(self, told: Event | Written) -> None:
        event, body = (told.event, told.body) if isinstance(told, Written) else (told, told.model_dump_json().encode())
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
        TOLD.labels(event.type).inc()

    async def _on_error(self, error: Exception) -> None:
        log.warning("nats says", error=str(error) or repr(error))

    async def _on_disconnect(self) -> None:
        if not self.stopping:
            log.warning("nats is away; reconnecting")

    async def _on_reconnect(self) -> None:
        log.info("nats is back")


class Asks(Protocol):
    """Somebody who asks services: the bus, or a test's own."""

    async def ask(self, question: Question[A]) -> A:
        """The answer. Raises Problem."""


async def ask_patiently(bus: Asks, question: Question[A], patience_s: float = PATIENCE_S) -> A:
    """The answer, also of a service that is just being started again: for jobs, whose attempts an absent neighbour
    must not spend. Raises Problem."""
    give_up_at = time.monotonic() + patience_s
    while True:
        try:
            return await bus.ask(question)
        except Problem as problem:
            if problem.status not in (503, 504) or time.monotonic() > give_up_at:
                raise
        await asyncio.sleep(1.0)


Roads = Annotated[Bus, Given("bus")]


def answer(question: type[Question[Any]]) -> dict[str, Any]:
    """How a router subscribes to a question: one of the service's replicas gets it."""
    return {
        "subject": question.subject(),
        "queue": question.to,
        "max_workers": ASKED_AT_ONCE,
        "description": question.__doc__,
    }


def consume(event: type[Event], *, by: str) -> dict[str, Any]:
    """How a router subscribes to a fact or a job: the durable consumer of topology.py, a message at a time."""
    return _pull(consumer_of(event, by))


def consume_dead(event: type[Event], *, by: str) -> dict[str, Any]:
    """How a router subscribes to the messages of `event` that were given up: the handler gets the original message.

    Works also where the process was killed each time, because it is the server that says so.
    """
    return _pull(dead_letters_of(event, by))


def _pull(consumer: Consumer | DeadLetters) -> dict[str, Any]:
    more = {"max_workers": consumer.workers} if consumer.workers > 1 else {}
    return more | {
        "subject": consumer.filter_subject,
        "durable": consumer.durable,
        "stream": JStream(consumer.stream, declare=False),
        # A batch would wait for its slowest member while the others' time to acknowledge runs out.
        "pull_sub": PullSub(batch_size=1, timeout=5.0),
        "config": ConsumerConfig(ack_wait=consumer.ack_wait.total_seconds(), max_deliver=consumer.max_deliver),
        "ack_policy": AckPolicy.MANUAL,
        # A service may listen to its own inboxes only.
        "inbox_prefix": f"_INBOX_{consumer.by}.".encode(),
    }


class Delivery(BaseMiddleware[Any, Any]):
    """What happens to a JetStream message around its handler.

    While the handler works, the server is told so. Then: done → ack; `Rejected`, or not the shape that was agreed
    → terminated, a dead letter; anything else → delivered again, later each time.
    """

    async def consume_scope(self, call_next: Callable[[Any], Awaitable[Any]], msg: Any) -> Any:
        if not _is_delivery(msg):
            return await call_next(msg)
        meta = msg.raw_message.metadata
        consumer = meta.consumer
        started = time.monotonic()
        heartbeat = asyncio.create_task(_heartbeat(msg))
        try:
            if meta.stream == DEAD:
                msg.body = await self._given_up(msg.body)
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
                again_in_s=delay,
                error=repr(error),
                exc_info=error,
            )
            # A bare NAK is redelivered at once and spends max_deliver in milliseconds.
            await msg.nack(delay=delay)
            MESSAGES.labels(consumer, "failed").inc()
        else:
            await msg.ack()
            MESSAGES.labels(consumer, "done").inc()
        finally:
            heartbeat.cancel()
            MESSAGE_SECONDS.labels(consumer).observe(time.monotonic() - started)

    async def _given_up(self, advisory: bytes) -> bytes:
        """The message that the server's advisory is about."""
        bus: Bus = self.context.get("bus")
        letter = orjson.loads(advisory)
        original = await bus.jetstream.get_msg(letter["stream"], seq=letter["stream_seq"])
        return bytes(original.data or b"")


def backoff_s(attempt: int) -> float:
    """Seconds before attempt number `attempt` + 1: 1, 2, 4 … at most 60."""
    return float(min(60, 2 ** (attempt - 1)))


def _is_delivery(msg: Any) -> bool:
    return str(msg.raw_message.reply or "").startswith("$JS.ACK.")


HEARTBEAT_S = 4.0  # under a third of every consumer's ack_wait


async def _heartbeat(msg: NatsMessage) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_S)
        with contextlib.suppress(ConnectionError, NatsTimeoutError):
            await msg.in_progress()


class Answering(BaseMiddleware[Any, Any]):
    """What happens to a question around its answer: a `Problem` travels as a status and a reason; an answer that is
    too large for a message is carried by S3."""

    async def consume_scope(self, call_next: Callable[[Any], Awaitable[Any]], msg: Any) -> Any:
        if _is_delivery(msg) or not msg.reply_to:
            return await call_next(msg)
        question = msg.raw_message.subject.rsplit(".", 1)[-1]
        started = time.monotonic()
        response = await self._answer(call_next, msg)
        ANSWERS.labels(question, response.headers.get("status", "200")).inc()
        ANSWER_SECONDS.labels(question).observe(time.monotonic() - started)
        return response

    async def _answer(self, call_next: Callable[[Any], Awaitable[Any]], msg: Any) -> NatsResponse:
        try:
            given = await call_next(msg)
        except Problem as problem:
            return _refusal(problem)
        except ValidationError as error:
            return _refusal(problem_of(error))
        except Exception as error:
            log.error("no answer", question=msg.raw_message.subject, error=repr(error), exc_info=error)
            return _refusal(Problem(500, "Internal error", "Something went wrong; it has been logged."))
        body = given.body if isinstance(given, Json) else given.model_dump_json().encode()
        if len(body) <= CARRIED_ABOVE:
            return NatsResponse(body)
        key = f"answers/{new_id()}"
        bus: Bus = self.context.get("bus")
        await bus.objects.put(key, body, "application/json")
        return NatsResponse(b"", headers={"carried": key})


def problem_of(error: ValidationError) -> Problem:
    """A validation error in words: which field, and what is wrong with it."""
    errors = [
        FieldError(".".join(map(str, found["loc"])), in_words(found["msg"]))
        for found in error.errors(include_url=False)
    ]
    return Problem(422, "Invalid request", errors[0].message if errors else "", errors)


def _refusal(problem: Problem) -> NatsResponse:
    errors = [{"field": error.field, "message": error.message} for error in problem.errors]
    body = json.dumps({"title": problem.title, "detail": problem.detail, "errors": errors}).encode()
    return NatsResponse(body, headers={"status": str(problem.status)})


def trace_id() -> str | None:
    """The id of the trace that the current work belongs to."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None
