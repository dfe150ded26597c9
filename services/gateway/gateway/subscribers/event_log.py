"""Reads a project's events by batched direct gets, which need no consumer and change nothing in the stream."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from common.messaging.bus import Bus
from common.service.ids import new_id
from gateway.subscribers.permissions import STREAM

TIMEOUT_S = 5.0
_END, _NOTHING = "204", "404"


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A stored event with its CloudEvents headers."""

    sequence: int
    headers: dict[str, str]
    body: bytes


class EventLog:
    """The stream of annotation events."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def read(
        self, subject: str, *, after: int, since: datetime | None, limit: int, max_bytes: int
    ) -> list[StoredEvent]:
        """At most `limit` events of `subject`, in order: those stored at `since` or later, or else those after sequence
        `after`. Their bodies take at most `max_bytes`, unless the first one alone is larger.

        Raises:
            nats.errors.Error: the server cannot be reached.
            RuntimeError: the server refused the read.
        """
        start: dict[str, Any] = {"start_time": since.isoformat()} if since else {"seq": after + 1}
        events: list[StoredEvent] = []
        size_bytes = 0
        async for message in self._batch(start | {"batch": limit, "next_by_subj": subject}):
            size_bytes += len(message.data)
            if events and size_bytes > max_bytes:
                break
            headers = {str(name): value for name, value in message.headers.items()}
            events.append(StoredEvent(int(headers["Nats-Sequence"]), headers, message.data))
        return events

    async def _batch(self, request: dict[str, Any]) -> AsyncIterator[Any]:
        """The messages of one batched direct get."""
        client = self._bus.connection
        inbox = f"_INBOX_{self._bus.name}.read.{new_id()}"
        subscription = await client.subscribe(inbox)
        try:
            await client.publish(f"$JS.API.DIRECT.GET.{STREAM}", orjson.dumps(request), reply=inbox)
            while True:
                message = await subscription.next_msg(timeout=TIMEOUT_S)
                status = (message.headers or {}).get("Status")
                if status in (_END, _NOTHING):
                    return
                if status is not None:
                    raise RuntimeError(f"The stream {STREAM} cannot be read: {status}")
                yield message
        finally:
            await subscription.unsubscribe()
