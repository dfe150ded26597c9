"""Facts that wait to be told: kept in the transaction that made them true, published afterwards."""

import asyncio
import time

from pymongo import UpdateOne

from common.contract.events import FACTS, Event
from common.storage.mongo import Database

_AT_ONCE = 200
_TYPES = {fact.type: fact for fact in FACTS}


class Tellings:
    """Events to publish, oldest first. `kept` is set where some may wait; a transaction that keeps events sets it
    again once it is committed (`wake`), else they wait for the next look."""

    def __init__(self, database: Database) -> None:
        self.kept = asyncio.Event()
        self._tellings = database.tellings

    async def keep(self, session: object, *events: Event) -> None:
        """Note events to be told, if and when the transaction of `session` (or None) is committed; each once."""
        now = time.time()
        writes = [
            # A millionth of a second keeps the order in which they were given.
            UpdateOne({"_id": event.id}, {"$setOnInsert": _pack(event, now + number * 1e-6)}, upsert=True)
            for number, event in enumerate(events)
        ]
        if writes:
            await self._tellings.bulk_write(writes, session=session)
            self.wake()

    def wake(self) -> None:
        """Have the events told at once."""
        self.kept.set()

    async def waiting(self) -> list[Event]:
        """The oldest events that are not told yet."""
        documents = await self._tellings.find().sort([("at", 1), ("_id", 1)]).limit(_AT_ONCE).to_list(None)
        return [_TYPES[document["type"]].model_validate_json(document["event"]) for document in documents]

    async def told(self, events: list[Event]) -> None:
        """Take events off the list."""
        await self._tellings.delete_many({"_id": {"$in": [event.id for event in events]}})


def _pack(event: Event, at: float) -> dict[str, object]:
    return {"type": event.type, "event": event.model_dump_json().encode(), "at": at}
