"""Labeling time in MongoDB, by user and day."""

from collections.abc import Sequence
from typing import Any

from pymongo import ReturnDocument

from annotation.domain.sessions import PAUSE_S, DayPart, day_parts
from common.contract.questions import Heartbeat, ReadLabelingTime, TimeEntries, TimeEntry
from common.storage.cursor import decode_cursor, encode_cursor
from common.storage.mongo import Database, Document


class LabelingTimeRepository:
    """Labeling time in seconds. A heartbeat is one update of the user's day."""

    def __init__(self, database: Database) -> None:
        self._time = database.labeling_time
        self._changes = database.changes

    async def add(self, beat: Heartbeat, now: float) -> None:
        """Add the time since the user's last heartbeat, from any window, to their day."""
        continued = False
        for part in day_parts(now):
            continued = await self._add_to_day(beat, part, now, continued=continued)

    async def _add_to_day(self, beat: Heartbeat, part: DayPart, now: float, *, continued: bool) -> bool:
        """Add to one day, and return whether labeling continued up to its end. A past day is never started."""
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

    async def page(self, question: ReadLabelingTime) -> TimeEntries:
        """Labeling time by user and day, with the number of edits of each user on that day."""
        order = [("day", -1), ("user_id", 1)]
        documents = await self._time.find(_query(question)).sort(order).limit(question.page.limit + 1).to_list(None)
        shown = documents[: question.page.limit]
        edits = await self._edits(question.project_id, shown)
        entries = [
            TimeEntry(
                user_id=day_entry["user_id"],
                day=day_entry["day"],
                seconds=day_entry["seconds"],
                edits=edits.get((day_entry["user_id"], day_entry["day"]), 0),
            )
            for day_entry in shown
        ]
        next_cursor = encode_cursor(shown[-1]["day"], shown[-1]["user_id"]) if len(documents) > len(shown) else None
        return TimeEntries(items=entries, next_cursor=next_cursor)

    async def _edits(self, project_id: str, entries: Sequence[Document]) -> dict[tuple[str, str], int]:
        """The number of changes by the users of some entries on their days."""
        if not entries:
            return {}
        match = {
            "project_id": project_id,
            "day": {"$in": sorted({entry["day"] for entry in entries})},
            "author": {"$in": sorted({entry["user_id"] for entry in entries})},
        }
        group = {"_id": {"author": "$author", "day": "$day"}, "edits": {"$sum": 1}}
        groups = self._changes.aggregate([{"$match": match}, {"$group": group}])
        return {(entry["_id"]["author"], entry["_id"]["day"]): entry["edits"] async for entry in groups}


def _add_up_to(last_beat: Any, now: float) -> Document:
    """The step that adds the time since the last heartbeat, unless that was a pause, and stores this one. It is one
    update, so that no second counts twice with several open windows."""
    passed = {"$subtract": [now, last_beat]}
    counts = {"$and": [{"$gt": [passed, 0.0]}, {"$lte": [passed, PAUSE_S]}]}
    added = {"$cond": [counts, passed, 0.0]}
    seconds = {"$add": [{"$ifNull": ["$seconds", 0.0]}, added]}
    return {"$set": {"seconds": seconds, "last_beat": {"$max": ["$last_beat", now]}}}


def _query(question: ReadLabelingTime) -> Document:
    query: Document = {"project_id": question.project_id}
    if question.user_id is not None:
        query["user_id"] = question.user_id
    days = {"$gte": question.since, "$lte": question.until}
    if question.page.cursor is not None:
        day, user_id = decode_cursor(question.page.cursor, tuple[str, str])
        days["$lte"] = min(day, question.until or day)
        query["$or"] = [{"day": {"$lt": day}}, {"user_id": {"$gt": user_id}}]
    bounds = {operator: value for operator, value in days.items() if value is not None}
    return query | ({"day": bounds} if bounds else {})
