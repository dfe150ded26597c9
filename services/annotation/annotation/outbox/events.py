"""Events stored in the transaction of their change, to be published after the commit."""

import time
from collections.abc import AsyncIterator, Sequence

from pymongo import UpdateOne

from common.contract.events import FACTS, Event
from common.messaging.outbox import Unpublished
from common.storage.mongo import Database, Document

EVENTS_PER_BATCH = 200
_TYPES = {fact.type: fact for fact in FACTS}


class EventRepository:
    """Unpublished events, oldest first. Those of one project are published in order."""

    def __init__(self, database: Database) -> None:
        self._events = database.unpublished_events

    async def keep(self, session: object, *events: Event) -> None:
        """Store events in the transaction of `session` (None: without one), each once."""
        now = time.time()
        writes = [
            # Times that differ by a microsecond preserve the order of the events.
            UpdateOne({"_id": event.id}, {"$setOnInsert": _pack(event, now + number * 1e-6)}, upsert=True)
            for number, event in enumerate(events)
        ]
        if writes:
            await self._events.bulk_write(writes, session=session)

    async def unpublished(self, _before: float) -> AsyncIterator[Unpublished]:
        """The oldest events."""
        async for document in self._events.find().sort([("at", 1), ("_id", 1)]).limit(EVENTS_PER_BATCH):
            event = _TYPES[document["type"]].model_validate_json(document["event"])
            yield Unpublished(key=event.project_id, token=document["_id"], events=(event,))

    async def mark_published(self, entries: Sequence[Unpublished]) -> None:
        """Remove published events."""
        await self._events.delete_many({"_id": {"$in": [entry.token for entry in entries]}})


def _pack(event: Event, at: float) -> Document:
    return {"type": event.type, "event": event.model_dump_json().encode(), "at": at}
