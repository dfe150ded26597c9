"""Labeling time in MongoDB, by person and day."""

from collections.abc import Sequence
from typing import Any

from pymongo import ReturnDocument

from annotation.domain.sessions import PAUSE_S, DayPart, day_parts
from common.contract.questions import Heartbeat, ReadLabelingTime, TimeEntries, TimeEntry
from common.storage.cursor import decode_cursor, encode_cursor
from common.storage.mongo import Database, Document


class LabelingTimeRepository:
    """Seconds of labeling. A heartbeat is one update of the person's day."""

    def __init__(self, database: Database) -> None:
        self._time = database.labeling_time
        self._changes = database.changes

    async def add(self, beat: Heartbeat, now: float) -> None:
        """Add the time since the person's last heartbeat, from any window, to their day."""
        continued = False
        for part in day_parts(now):
            continued = await self._add_to_day(beat, part, now, continued=continued)

    async def _add_to_day(self, beat: Heartbeat, part: DayPart, now: float, *, continued: bool) -> bool:
        """Add to one day; whether labeling continued up to its end. A past day is not started any more."""
        key = f"{beat.project_id}:{beat.user_id}:{part.day}"
        if part.end < now:
            yesterday = await self._time.find_one_and_update(
                {"_id": key, "last_beat": {"$gte": now - PAUSE_S}},
                [_add_up_to("$last_beat", part.end)],
                return_document=ReturnDocument.AFTER,
            )
            return yesterday is not None
        begin = part.begin if continued else part.end
        about = {"project_id": beat.project_id, "user_id": beat.user_id, "day": part.day}
        update = [{"$set": about}, _add_up_to({"$ifNull": ["$last_beat", begin]}, part.end)]
        await self._time.update_one({"_id": key}, update, upsert=True)
        return True

    async def page(self, asked: ReadLabelingTime) -> TimeEntries:
        """Labeling time by person and day, with the number of edits of each person on that day."""
        order = [("day", -1), ("user_id", 1)]
        documents = await self._time.find(_query(asked)).sort(order).limit(asked.page.limit + 1).to_list(None)
        shown = documents[: asked.page.limit]
        edits = await self._edits(asked.project_id, shown)
        entries = [
            TimeEntry(
                user_id=one["user_id"],
                day=one["day"],
                seconds=one["seconds"],
                edits=edits.get((one["user_id"], one["day"]), 0),
            )
            for one in shown
        ]
        more = encode_cursor(shown[-1]["day"], shown[-1]["user_id"]) if len(documents) > len(shown) else None
        return TimeEntries(items=entries, next_cursor=more)

    async def _edits(self, project_id: str, entries: Sequence[Document]) -> dict[tuple[str, str], int]:
        """The number of changes by the persons of some entries on their days."""
        if not entries:
            return {}
        match = {
            "project_id": project_id,
            "day": {"$in": sorted({one["day"] for one in entries})},
            "author": {"$in": sorted({one["user_id"] for one in entries})},
        }
        group = {"_id": {"author": "$author", "day": "$day"}, "edits": {"$sum": 1}}
        found = self._changes.aggregate([{"$match": match}, {"$group": group}])
        return {(one["_id"]["author"], one["_id"]["day"]): one["edits"] async for one in found}


def _add_up_to(last_beat: Any, now: float) -> Document:
    """The step that adds the time since the last heartbeat, unless that was a pause, and stores this one. One update,
    so that no second counts twice however many windows are open."""
    passed = {"$subtract": [now, last_beat]}
    counts = {"$and": [{"$gt": [passed, 0.0]}, {"$lte": [passed, PAUSE_S]}]}
    added = {"$cond": [counts, passed, 0.0]}
    seconds = {"$add": [{"$ifNull": ["$seconds", 0.0]}, added]}
    return {"$set": {"seconds": seconds, "last_beat": {"$max": ["$last_beat", now]}}}


def _query(asked: ReadLabelingTime) -> Document:
    query: Document = {"project_id": asked.project_id}
    if asked.user_id is not None:
        query["user_id"] = asked.user_id
    days = {"$gte": asked.since, "$lte": asked.until}
    if asked.page.cursor is not None:
        day, user_id = decode_cursor(asked.page.cursor, tuple[str, str])
        days["$lte"] = min(day, asked.until or day)
        query["$or"] = [{"day": {"$lt": day}}, {"user_id": {"$gt": user_id}}]
    bounds = {operator: value for operator, value in days.items() if value is not None}
    return query | ({"day": bounds} if bounds else {})
