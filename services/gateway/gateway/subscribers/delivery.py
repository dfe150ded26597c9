"""Serves subscribers the events of their project, in a separate NATS account.

A subscriber requests `events.<id>.read` and gets a page of events as JSON; `events.<id>.commit` stores the last
sequence it has processed, so that it continues there after a restart. No request reaches another service: the gateway
reads the stream, checks at each request that the subscriber exists and that its creator may still have one, and replies
to the subscriber's own inbox only.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import nats
import orjson
import structlog
from nats.aio.msg import Msg
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from common.contract.errors import Problem, problem_of
from gateway.domain.roles import may
from gateway.projects.repository import ProjectRepository
from gateway.subscribers.event_log import EventLog, StoredEvent
from gateway.subscribers.permissions import SubscriberAccess
from gateway.subscribers.repository import Subscriber, Subscribers

log = structlog.get_logger()

MAX_READS = 2
MAX_REQUESTS = 512
MAX_REQUEST_BYTES = 4096
PAGE_BYTES = 1024 * 1024
# The replica of the stream that is read may be a moment behind the one that signaled the change.
POLL_INTERVAL_S = 1.0


class Read(BaseModel):
    """A request for events. Without `after` and `since`, it continues after the stored position."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=100, ge=1, le=500)
    wait_s: float = Field(default=0.0, ge=0.0, le=30.0)
    after: int | None = Field(default=None, ge=0)
    since: datetime | None = None


class Commit(BaseModel):
    """A request to store the position: events up to `sequence` are processed."""

    model_config = ConfigDict(extra="forbid")

    sequence: int = Field(ge=0, le=2**63 - 1)


class ChangeSignal(Protocol):
    """Signals new events of a project."""

    def changes_of(self, project_id: str) -> contextlib.AbstractContextManager[asyncio.Event]:
        """An asyncio event that is set when the project has new events."""


@dataclass
class EventDelivery:
    """The request handler of subscribers."""

    url: str | None
    subscribers: Subscribers
    projects: ProjectRepository
    events: EventLog
    signal: ChangeSignal
    _reading: Counter[str] = field(default_factory=Counter, init=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    async def run(self) -> None:
        """Serve until cancelled; without a URL there is nothing to serve."""
        if not self.url:
            return
        client = await nats.connect(self.url, name="gateway delivery", max_reconnect_attempts=-1)
        try:
            await client.subscribe("events.*.*", queue="gateway", cb=self._accept)
            await asyncio.Event().wait()
        finally:
            for task in self._tasks:
                task.cancel()
            await client.close()

    async def _accept(self, message: Msg) -> None:
        """Handle a request in a separate task, because a read may wait."""
        if len(self._tasks) >= MAX_REQUESTS:
            log.warning("subscriber request dropped", limit=MAX_REQUESTS)
            return
        task = asyncio.create_task(self._reply(message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reply(self, message: Msg) -> None:
        """Reply to one request. A failure is logged and affects no other request."""
        try:
            _, subscriber_id, verb = message.subject.split(".")
            if not SubscriberAccess.of(subscriber_id, "").accepts_reply(message.reply):
                log.warning("reply subject refused", subscriber=subscriber_id, reply=message.reply[:100])
                return
            await message.respond(await self._result(subscriber_id, verb, message.data))
        except Exception as error:
            log.warning("subscriber request failed", subject=message.subject, error=repr(error), exc_info=error)

    async def _result(self, subscriber_id: str, verb: str, body: bytes) -> bytes:
        verbs: dict[str, Callable[[Subscriber, bytes], Coroutine[Any, Any, bytes]]] = {
            "read": self._read,
            "commit": self._commit,
        }
        if len(body) > MAX_REQUEST_BYTES:
            return _refusal(Problem("subscriber_request_too_large", limit=MAX_REQUEST_BYTES))
        try:
            return await verbs[verb](await self._allowed(subscriber_id), body)
        except Problem as problem:
            return _refusal(problem)
        except ValidationError as error:
            return _refusal(problem_of(error))

    async def _allowed(self, subscriber_id: str) -> Subscriber:
        """The subscriber, as long as it exists and its creator may have subscribers in the project. Raises Problem."""
        subscriber = await self.subscribers.find(subscriber_id)
        if subscriber is None:
            raise Problem("subscriber_not_found")
        member = await self.projects.role_of(subscriber.project_id, subscriber.created_by)
        if member is None or not may(member.role, "subscribe"):
            raise Problem("subscriber_not_found")
        return subscriber

    async def _commit(self, subscriber: Subscriber, body: bytes) -> bytes:
        commit = Commit.model_validate_json(body)
        await self.subscribers.commit(subscriber.id, commit.sequence)
        return orjson.dumps({"committed": commit.sequence})

    async def _read(self, subscriber: Subscriber, body: bytes) -> bytes:
        read = Read.model_validate_json(body or b"{}")
        if self._reading[subscriber.id] >= MAX_READS:
            raise Problem("too_many_reads", limit=MAX_READS)
        self._reading[subscriber.id] += 1
        try:
            page = await self._wait_for_events(subscriber, read)
        finally:
            self._reading[subscriber.id] -= 1
        after = read.after if read.after is not None else subscriber.position
        last = page[-1].sequence if page else after
        events = b",".join(_cloudevent(event) for event in page)
        return b'{"events":[' + events + b'],"last":' + str(last).encode() + b"}"

    async def _wait_for_events(self, subscriber: Subscriber, read: Read) -> list[StoredEvent]:
        """The stored events, or the first that arrive within `read.wait_s`."""
        deadline = asyncio.get_running_loop().time() + read.wait_s
        with self.signal.changes_of(subscriber.project_id) as changed:
            while True:
                changed.clear()
                if page := await self._page(subscriber, read):
                    return page
                remaining_s = deadline - asyncio.get_running_loop().time()
                if remaining_s <= 0:
                    return []
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), min(remaining_s, POLL_INTERVAL_S))
                # Access may have been revoked in the meantime.
                await self._allowed(subscriber.id)

    async def _page(self, subscriber: Subscriber, read: Read) -> list[StoredEvent]:
        access = SubscriberAccess.of(subscriber.id, subscriber.project_id)
        return await self.events.read(
            access.filter_subject,
            after=read.after if read.after is not None else subscriber.position,
            since=read.since,
            limit=read.limit,
            max_bytes=PAGE_BYTES,
        )


def _cloudevent(event: StoredEvent) -> bytes:
    """The event in CloudEvents' JSON format, with its sequence as an extension."""
    attributes = {name.removeprefix("ce-"): value for name, value in event.headers.items() if name.startswith("ce-")}
    head = orjson.dumps({**attributes, "sequence": event.sequence, "datacontenttype": "application/json"})
    return head[:-1] + b',"data":' + event.body + b"}"


def _refusal(problem: Problem) -> bytes:
    return orjson.dumps({"error": problem.to_json()})
