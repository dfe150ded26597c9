"""Reads the LIVE stream in order, from a sequence on, without gaps.

A pull consumer that the server forgets by itself; requests overlap, so that a message is handed over the moment it
is stored. (nats-py's own ordered push consumer begins at 1 again when it is reset before its first message.)
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
FORGOTTEN_AFTER_S = 60.0


class StreamInterrupted(Exception):
    """The connection or the consumer went away; go on from the last sequence with a new one."""


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """A fact as it lies in LIVE: its place, its subject, what it is about, and the JSON."""

    sequence: int
    subject: str
    about: str
    body: bytes

    @property
    def type(self) -> str:
        """Such as `clip.ready`."""
        return ".".join(self.subject.split(".")[:-2])

    @property
    def project_id(self) -> str:
        """Whose it is."""
        return self.subject.rpartition(".")[2]


async def kept(bus: Bus) -> tuple[int, int]:
    """The first and the last sequence that LIVE holds."""
    state = (await bus.jetstream.stream_info(LIVE)).state
    return state.first_seq, state.last_seq


class LiveReader:
    """One consumer of LIVE; `waiting` is how many messages lay there when it was made."""

    def __init__(self, bus: Bus, name: str, waiting: int) -> None:
        self._bus = bus
        self._name = name
        self._inbox = f"_INBOX_{bus.name}.live.{name}"
        self.waiting = waiting

    @classmethod
    @contextlib.asynccontextmanager
    async def of(cls, bus: Bus, start: int, subject: str | None = None) -> "AsyncIterator[LiveReader]":
        """A follower of everything from sequence `start` on whose subject is `subject`."""
        name = new_id("tab-" if subject else "hub-")
        info = await bus.jetstream.add_consumer(
            LIVE,
            ConsumerConfig(
                name=name,
                filter_subject=subject,
                deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
                opt_start_seq=max(1, start),
                ack_policy=AckPolicy.NONE,
                inactive_threshold=FORGOTTEN_AFTER_S,
                mem_storage=True,
                num_replicas=1,
            ),
        )
        try:
            yield cls(bus, name, info.num_pending or 0)
        finally:
            with contextlib.suppress(NatsError, TimeoutError):
                await bus.jetstream.delete_consumer(LIVE, name)

    async def facts(self) -> AsyncGenerator[LiveEvent, None]:
        """Facts in order, for ever. Raises Interrupted."""
        client = self._bus.connection
        subscription = await client.subscribe(self._inbox, pending_msgs_limit=4 * BATCH)
        expected, asked_for = 1, 0
        try:
            while True:
                if asked_for < BATCH // 2:
                    await self._request(client)
                    asked_for += BATCH
                message = await _next(subscription)
                if message.headers and "Status" in message.headers:
                    asked_for = _after_status(message.headers, asked_for)
                    continue
                sequence, place = _places(message.reply)
                if place != expected:
                    raise StreamInterrupted(f"message {expected} of {self._name} is missing")
                expected, asked_for = expected + 1, asked_for - 1
                yield LiveEvent(sequence, message.subject, (message.headers or {}).get("ce-subject", ""), message.data)
        finally:
            with contextlib.suppress(NatsError):
                await subscription.unsubscribe()

    async def _request(self, client: Any) -> None:
        wanted = {"batch": BATCH, "expires": int(EXPIRES_S * 1e9), "idle_heartbeat": int(HEARTBEAT_S * 1e9)}
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{LIVE}.{self._name}"
        await client.publish(subject, orjson.dumps(wanted), reply=self._inbox)


async def _next(subscription: Any) -> Any:
    try:
        return await subscription.next_msg(timeout=3 * HEARTBEAT_S)
    except (NatsError, TimeoutError) as error:
        raise StreamInterrupted(f"no heartbeat: {error!r}") from error


def _after_status(headers: Any, asked_for: int) -> int:
    """How many messages are still asked for after a status message: 100 heartbeat, 408 the request is over."""
    status = headers["Status"]
    if status == "100":
        return asked_for
    if status in ("404", "408"):
        return max(0, asked_for - int(headers.get("Nats-Pending-Messages", asked_for)))
    raise StreamInterrupted(f"{status} {headers.get('Description', '')}")


def _places(reply: str) -> tuple[int, int]:
    """The sequence in the stream and the place in the consumer, of `$JS.ACK.…` (9 tokens, or 12 with a domain)."""
    tokens = reply.split(".")
    at = 5 if len(tokens) == 9 else 7
    return int(tokens[at]), int(tokens[at + 1])
