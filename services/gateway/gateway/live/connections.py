"""The live connections of this process: one reader of the LIVE stream and of presence forwards to all of them."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator

import orjson
import structlog
from prometheus_client import Gauge

from common.contract.events import AnnotationChanged
from common.messaging.bus import Bus
from common.messaging.topology import PRESENCE
from common.service.ids import new_id
from gateway.live.stream import LiveEvent, LiveReader, retained_range

log = structlog.get_logger()
CONNECTIONS = Gauge("tracklane_live_connections", "Browser tabs and programs on the live stream")
MAX_QUEUED = 2000
# Loading a project again is cheaper than replaying more events than this.
MAX_REPLAYED = 20_000


class ReplayUnavailable(Exception):
    """Missed events are no longer kept, or there are too many: everything has to be loaded again."""


class Connection:
    """One open connection: its filter, and its queue of messages to send."""

    def __init__(self, project_id: str, media_id: str | None) -> None:
        self.id = new_id()
        self.project_id = project_id
        self.media_id = media_id
        self.last_sequence = 0
        self.overflowed = asyncio.Event()
        self._queue: asyncio.Queue[tuple[int, str]] = asyncio.Queue(MAX_QUEUED)

    def is_interested_in(self, event: LiveEvent) -> bool:
        """Annotation events go to connections that have the medium open; all others to the whole project."""
        return event.type != AnnotationChanged.type or event.about == self.media_id

    def enqueue(self, text: str, sequence: int = 0) -> None:
        """Queue a message. A connection that cannot keep up is closed instead of growing."""
        try:
            self._queue.put_nowait((sequence, text))
        except asyncio.QueueFull:
            self.overflowed.set()

    async def next(self) -> str:
        """The next message that was not sent yet."""
        while True:
            sequence, text = await self._queue.get()
            if sequence == 0:
                return text
            if sequence > self.last_sequence:
                self.last_sequence = sequence
                return text


def control_message(kind: str, **fields: object) -> str:
    """A message of the live stream that is not an event."""
    return orjson.dumps({"type": kind, **fields}).decode()


def event_message(event: LiveEvent) -> str:
    """An event as connections receive it: `{sequence, type, data}`."""
    return f'{{"sequence":{event.sequence},"type":"{event.type}","data":{event.body.decode()}}}'


class ConnectionManager:
    """The connections by project, and the sequence up to which events were forwarded."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._connections: dict[str, set[Connection]] = defaultdict(set)
        self._listeners: dict[str, set[asyncio.Event]] = defaultdict(set)
        self.sequence: int | None = None

    def of_project(self, project_id: str) -> frozenset[Connection]:
        """The open connections of a project."""
        return frozenset(self._connections.get(project_id, ()))

    @contextlib.contextmanager
    def registered(self, connection: Connection) -> Iterator[None]:
        """Forward everything after `sequence` to the connection inside this context."""
        self._connections[connection.project_id].add(connection)
        CONNECTIONS.inc()
        try:
            yield
        finally:
            CONNECTIONS.dec()
            self._connections[connection.project_id].discard(connection)
            if not self._connections[connection.project_id]:
                del self._connections[connection.project_id]

    @contextlib.contextmanager
    def changes_of(self, project_id: str) -> Iterator[asyncio.Event]:
        """An asyncio event that is set at each event of the project inside this context."""
        changed = asyncio.Event()
        self._listeners[project_id].add(changed)
        try:
            yield changed
        finally:
            self._listeners[project_id].discard(changed)
            if not self._listeners[project_id]:
                del self._listeners[project_id]

    async def forward_events(self) -> None:
        """Forward events until cancelled; after an interruption, continue from the last sequence."""
        first, last = await retained_range(self._bus)
        if self.sequence is None:
            self.sequence = last
        elif not first - 1 <= self.sequence <= last:
            log.warning("events were lost", first_kept=first, forwarded=self.sequence)
            self.sequence = last
            self._reset_all(last)
        async with LiveReader.open(self._bus, self.sequence + 1) as reader:
            async for event in reader.events():
                self._forward(event)

    def _forward(self, event: LiveEvent) -> None:
        self.sequence = event.sequence
        for changed in self._listeners.get(event.project_id, ()):
            changed.set()
        interested = [
            connection
            for connection in self._connections.get(event.project_id, ())
            if connection.is_interested_in(event)
        ]
        if interested:
            text = event_message(event)
            for connection in interested:
                connection.enqueue(text, event.sequence)

    def _reset_all(self, sequence: int) -> None:
        for connections in self._connections.values():
            for connection in connections:
                connection.last_sequence = 0
                connection.enqueue(control_message("reset", sequence=sequence))

    async def replay(self, project_id: str, since: int, until: int) -> AsyncGenerator[LiveEvent, None]:
        """The project's events after `since` up to `until`, inclusive. Raises ReplayUnavailable."""
        first, last = await retained_range(self._bus)
        if since + 1 < first or since > last:
            raise ReplayUnavailable
        if since >= until:
            return
        async with LiveReader.open(self._bus, since + 1, f"*.*.*.{project_id}") as reader:
            if reader.pending > MAX_REPLAYED:
                raise ReplayUnavailable
            if reader.pending == 0:
                return
            async with contextlib.aclosing(reader.events()) as events:
                for _ in range(reader.pending):
                    event = await anext(events)
                    if event.sequence > until:
                        return
                    yield event

    # Presence: what each user looks at now. Published to all gateways, stored nowhere.

    async def forward_presence(self) -> None:
        """Forward presence until cancelled."""
        subscription = await self._bus.connection.subscribe(f"{PRESENCE}.*")
        try:
            async for message in subscription.messages:
                self._forward_presence(message.subject.rpartition(".")[2], message.data)
        finally:
            await subscription.unsubscribe()

    def _forward_presence(self, project_id: str, body: bytes) -> None:
        connections = self._connections.get(project_id)
        if not connections:
            return
        try:
            sender = orjson.loads(body)["tab"]
        except (ValueError, KeyError, TypeError):
            log.warning("malformed presence message", project_id=project_id)
            return
        text = f'{{"type":"presence","data":{body.decode()}}}'
        for connection in connections:
            if connection.id != sender:
                connection.enqueue(text)

    async def publish_presence(
        self, connection: Connection, user_id: str, user_name: str, presence: dict[str, object] | None
    ) -> None:
        """Publish the presence of a connection to the others in its project; None when it closes."""
        body = {
            "tab": connection.id,
            "user": {"id": user_id, "name": user_name},
            "gone": presence is None,
            **(presence or {}),
        }
        await self._bus.connection.publish(f"{PRESENCE}.{connection.project_id}", orjson.dumps(body))
