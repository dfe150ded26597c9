"""The live stream of this process: one reader of LIVE and of presence, handing on to the tabs that are open."""

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
from gateway.live.stream import LiveEvent, LiveReader, kept

log = structlog.get_logger()
CONNECTIONS = Gauge("tracklane_live_tabs", "Browser tabs and programs on the live stream")
MAX_QUEUED = 2000
# Reading a project afresh is cheaper than replaying more than this.
MAX_REPLAYED = 20_000


class ReplayExpired(Exception):
    """What was missed is gone, or too much: everything has to be read afresh."""


class Connection:
    """One open connection: what it wants to hear, and what waits to be sent to it."""

    def __init__(self, project_id: str, media_id: str | None) -> None:
        self.id = new_id()
        self.project_id = project_id
        self.media_id = media_id
        self.last = 0
        self.overrun = asyncio.Event()
        self._queue: asyncio.Queue[tuple[int, str]] = asyncio.Queue(MAX_QUEUED)

    def is_interested_in(self, fact: LiveEvent) -> bool:
        """Edits are heard by those who have the medium open; everything else by the whole project."""
        return fact.type != AnnotationChanged.type or fact.about == self.media_id

    def enqueue(self, text: str, sequence: int = 0) -> None:
        """Queue a message; a tab that cannot keep up is let go instead of growing."""
        try:
            self._queue.put_nowait((sequence, text))
        except asyncio.QueueFull:
            self.overrun.set()

    async def next(self) -> str:
        """The next message that was not sent yet."""
        while True:
            sequence, text = await self._queue.get()
            if sequence == 0:
                return text
            if sequence > self.last:
                self.last = sequence
                return text


def message(kind: str, **more: object) -> str:
    """A message of the live stream that is no fact."""
    return orjson.dumps({"type": kind, **more}).decode()


def event_message(fact: LiveEvent) -> str:
    """A fact as tabs get it: `{sequence, type, data}`."""
    return f'{{"sequence":{fact.sequence},"type":"{fact.type}","data":{fact.body.decode()}}}'


class ConnectionManager:
    """Knows the tabs by project, and up to which sequence everything was handed on."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._tabs: dict[str, set[Connection]] = defaultdict(set)
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self.sequence: int | None = None

    @contextlib.contextmanager
    def registered(self, tab: Connection) -> Iterator[None]:
        """The tab hears everything after `sequence` while this lasts."""
        self._tabs[tab.project_id].add(tab)
        CONNECTIONS.inc()
        try:
            yield
        finally:
            CONNECTIONS.dec()
            self._tabs[tab.project_id].discard(tab)
            if not self._tabs[tab.project_id]:
                del self._tabs[tab.project_id]

    @contextlib.contextmanager
    def changes_of(self, project_id: str) -> Iterator[asyncio.Event]:
        """An event that is set at each fact of the project while this lasts."""
        changed = asyncio.Event()
        self._waiting[project_id].add(changed)
        try:
            yield changed
        finally:
            self._waiting[project_id].discard(changed)
            if not self._waiting[project_id]:
                del self._waiting[project_id]

    async def follow(self) -> None:
        """Hand on facts for ever; started again after an interruption, it goes on where it was."""
        first, last = await kept(self._bus)
        if self.sequence is None:
            self.sequence = last
        elif not first - 1 <= self.sequence <= last:
            log.warning("the live stream lost facts", kept_from=first, handed_on=self.sequence)
            self.sequence = last
            self._broadcast(message("reset", sequence=last))
        async with LiveReader.of(self._bus, self.sequence + 1) as follower:
            async for fact in follower.facts():
                self._dispatch(fact)

    def _dispatch(self, fact: LiveEvent) -> None:
        self.sequence = fact.sequence
        for changed in self._waiting.get(fact.project_id, ()):
            changed.set()
        wanted_by = [tab for tab in self._tabs.get(fact.project_id, ()) if tab.is_interested_in(fact)]
        if wanted_by:
            text = event_message(fact)
            for tab in wanted_by:
                tab.enqueue(text, fact.sequence)

    def _broadcast(self, text: str) -> None:
        for tabs in self._tabs.values():
            for tab in tabs:
                tab.last = 0
                tab.enqueue(text)

    async def missed(self, project_id: str, since: int, until: int) -> AsyncGenerator[LiveEvent, None]:
        """The project's facts after `since` up to `until`, inclusive. Raises TooOld."""
        first, last = await kept(self._bus)
        if since + 1 < first or since > last:
            raise ReplayExpired
        if since >= until:
            return
        async with LiveReader.of(self._bus, since + 1, f"*.*.*.{project_id}") as follower:
            if follower.waiting > MAX_REPLAYED:
                raise ReplayExpired
            if follower.waiting == 0:
                return
            facts = follower.facts()
            async with contextlib.aclosing(facts):
                for _ in range(follower.waiting):
                    fact = await anext(facts)
                    if fact.sequence > until:
                        return
                    yield fact

    # ---- presence: who looks at what now; told to all gateways, kept nowhere ----

    async def follow_presence(self) -> None:
        """Hand on presence for ever."""
        subscription = await self._bus.connection.subscribe(f"{PRESENCE}.*")
        try:
            async for told in subscription.messages:
                self._dispatch_presence(told.subject.rpartition(".")[2], told.data)
        finally:
            await subscription.unsubscribe()

    def _dispatch_presence(self, project_id: str, body: bytes) -> None:
        tabs = self._tabs.get(project_id)
        if not tabs:
            return
        try:
            sender = orjson.loads(body)["tab"]
        except (ValueError, TypeError, KeyError) as error:
            log.warning("presence message dropped", error=repr(error))
            return
        text = f'{{"type":"presence","data":{body.decode()}}}'
        for tab in tabs:
            if tab.id != sender:
                tab.enqueue(text)

    async def publish_presence(
        self, tab: Connection, user_id: str, user_name: str, presence: dict[str, object] | None
    ) -> None:
        """Tell the others in the project where this tab is; None when it leaves."""
        told = {"tab": tab.id, "user": {"id": user_id, "name": user_name}, "gone": presence is None, **(presence or {})}
        await self._bus.connection.publish(f"{PRESENCE}.{tab.project_id}", orjson.dumps(told))
