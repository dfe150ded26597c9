"""Reads the LIVE stream in order, from a sequence on, without gaps.

Uses a pull consumer that the server removes by itself. Requests overlap, so that a message is delivered the moment it
is stored. (The ordered push consumer of nats-py restarts at 1 when it is reset before its first message.)
"""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from common.messaging.bus import Bus
from common.messaging.topology import LIVE
from common.service.ids import new_id

BATCH = 500
EXPIRES_S = 30.0
HEARTBEAT_S = 5.0
INACTIVE_THRESHOLD_S = 60.0


class StreamInterrupted(Exception):
    """The connection or the consumer is gone; continue from the last sequence with a new one."""


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """An event in LIVE; `about` is the id of its medium or other resource, `body` its JSON."""

    sequence: int
    subject: str
    about: str
    body: bytes

    @property
    def type(self) -> str:
        """The type of the event, such as `clip.ready`."""
        return ".".join(self.subject.split(".")[:-2])

    @property
    def project_id(self) -> str:
        """The project of the event."""
        return self.subject.rpartition(".")[2]


async def retained_range(bus: Bus) -> tuple[int, int]:
    """The first and the last sequence that LIVE keeps."""
    state = (await bus.jetstream.stream_info(LIVE)).state
    return state.first_seq, state.last_seq


class LiveReader:
    """One consumer of LIVE. `pending` is the number of messages that waited when it was created."""

    def __init__(self, bus: Bus, name: str, pending: int) -> None:
        self._bus = bus
        self._name = name
        self._inbox = f"_INBOX_{bus.name}.live.{name}"
        self.pending = pending

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, bus: Bus, start: int, subject: str | None = None) -> "AsyncIterator[LiveReader]":
        """A reader of everything from sequence `start` on, or only of one subject."""
        name = new_id("replay-" if subject else "live-")
        info = await bus.jetstream.add_consumer(
            LIVE,
            ConsumerConfig(
                name=name,
                filter_subject=subject,
                deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
                opt_start_seq=max(1, start),
                ack_policy=AckPolicy.NONE,
                inactive_threshold=INACTIVE_THRESHOLD_S,
                mem_storage=True,
                num_replicas=1,
            ),
        )
        try:
            yield cls(bus, name, info.num_pending or 0)
        finally:
            with contextlib.suppress(NatsError, TimeoutError):
                await bus.jetstream.delete_consumer(LIVE, name)

    async def events(self) -> AsyncGenerator[LiveEvent, None]:
        """Events in order, without end. Raises StreamInterrupted."""
        client = self._bus.connection
        subscription = await client.subscribe(self._inbox, pending_msgs_limit=4 * BATCH)
        expected, requested = 1, 0
        try:
            while True:
                if requested < BATCH // 2:
                    await self._request(client)
                    requested += BATCH
                message = await _next_message(subscription)
                if message.headers and "Status" in message.headers:
                    requested = _requested_after(message.headers, requested)
                    continue
                sequence, delivered = sequences_of(message.reply)
                if delivered != expected:
                    raise StreamInterrupted(f"message {expected} of {self._name} is missing")
                expected, requested = expected + 1, requested - 1
                yield LiveEvent(sequence, message.subject, (message.headers or {}).get("ce-subject", ""), message.data)
        finally:
            with contextlib.suppress(NatsError):
                await subscription.unsubscribe()

    async def _request(self, client: Any) -> None:
        request = {"batch": BATCH, "expires": int(EXPIRES_S * 1e9), "idle_heartbeat": int(HEARTBEAT_S * 1e9)}
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{LIVE}.{self._name}"
        await client.publish(subject, orjson.dumps(request), reply=self._inbox)


async def _next_message(subscription: Any) -> Any:
    try:
        return await subscription.next_msg(timeout=3 * HEARTBEAT_S)
    except (NatsError, TimeoutError) as error:
        raise StreamInterrupted(f"no heartbeat: {error!r}") from error


def _requested_after(headers: Any, requested: int) -> int:
    """The number of requested messages after a status message: 100 is a heartbeat, 408 the end of a request."""
    status = headers["Status"]
    if status == "100":
        return requested
    if status in ("404", "408"):
        return max(0, requested - int(headers.get("Nats-Pending-Messages", requested)))
    raise StreamInterrupted(f"{status} {headers.get('Description', '')}")


def sequences_of(reply: str) -> tuple[int, int]:
    """The stream sequence and the consumer sequence of a reply subject `$JS.ACK.…` (9 tokens, or 12 with a domain)."""
    tokens = reply.split(".")
    at = 5 if len(tokens) == 9 else 7
    return int(tokens[at]), int(tokens[at + 1])
