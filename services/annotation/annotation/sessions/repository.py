"""Who is at work, and for how long, in MongoDB."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError
from pymongo.write_concern import WriteConcern

from annotation.domain.sessions import LIVES_S, PAUSE_S, SILENT_S, Session, Stretch, stretches, work_state
from common.contract.questions import (
    CloseSession,
    Heartbeat,
    ListSessions,
    ReadLabelingTime,
    TimeEntries,
    TimeEntry,
    WorkSession,
    WorkState,
)
from common.service.errors import invalid, not_found
from common.storage.mongo import Database, Document

REMEMBERED = timedelta(days=1)
LISTED = 1000
_STORED = tuple(field.name for field in fields(Session) if field.name != "id")
_CURSOR = re.compile(r"(\d{4}-\d\d-\d\d):([a-z0-9-]{1,64})")


class SessionStore:
    """Work sessions and labeling time. A beat is one update of its session, one of the person's day, and one look at
    who else is on the medium."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        # A beat that is lost with its server comes again ten seconds later: it need not wait for any journal.
        self._sessions = database.sessions.with_options(write_concern=WriteConcern(w=1, j=False))
        self._time = database.labeling_time
        self._changes = database.changes
        self._clock = clock

    async def beat(self, beat: Heartbeat) -> WorkState:
        """Note that a window is open, and see who else is there.

        Raises:
            Problem: the session is another person's.
        """
        now = self._clock()
        own = await self._beat(beat, now)
        if beat.idle_s <= PAUSE_S and not own.closed:
            await self._count(beat, now)
        on_medium = await self._heard_on(beat.project_id, beat.media_id, now) if beat.media_id is not None else []
        return work_state(own, on_medium, now)

    async def _beat(self, beat: Heartbeat, now: float) -> Session:
        whose = {"_id": beat.session_id, "user_id": beat.user_id, "project_id": beat.project_id}
        try:
            document = await self._sessions.find_one_and_update(
                whose, _beating(beat, now), upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError as error:
            # Two first beats at once, or somebody else's session.
            document = await self._sessions.find_one(whose)
            if document is None:
                raise not_found("session") from error
        return _unpack(document)

    async def _count(self, beat: Heartbeat, now: float) -> None:
        """Add the time since the person's last beat to their day, in whatever window that was."""
        went_on = False
        for stretch in stretches(now):
            went_on = await self._count_day(beat, stretch, now, went_on=went_on)

    async def _count_day(self, beat: Heartbeat, stretch: Stretch, now: float, *, went_on: bool) -> bool:
        """Add to one day; whether labeling went on up to its end. A day that is over is not begun any more."""
        key = f"{beat.project_id}:{beat.user_id}:{stretch.day}"
        if stretch.end < now:
            yesterday = await self._time.find_one_and_update(
                {"_id": key, "last_beat": {"$gte": now - PAUSE_S}},
                [_adding("$last_beat", stretch.end)],
                return_document=ReturnDocument.AFTER,
            )
            return yesterday is not None
        begin = stretch.begin if went_on else stretch.end
        about = {"project_id": beat.project_id, "user_id": beat.user_id, "day": stretch.day}
        update = [{"$set": about}, _adding({"$ifNull": ["$last_beat", begin]}, stretch.end)]
        await self._time.update_one({"_id": key}, update, upsert=True)
        return True

    async def _heard_on(self, project_id: str, media_id: str, now: float) -> list[Session]:
        """The windows on a medium that were heard of just now."""
        query = {"media_id": media_id, "project_id": project_id, "beat_at": {"$gte": now - SILENT_S}}
        documents = await self._sessions.find(query).sort("beat_at", -1).limit(LISTED).to_list(None)
        return [_unpack(document) for document in documents]

    async def close(self, asked: CloseSession) -> None:
        """Close a session; what it held is free. One that is not there is closed."""
        forget_at = _moment(self._clock()) + REMEMBERED
        closed = {"$set": {"closed": True, "forget_at": forget_at}}
        await self._sessions.update_one({"_id": asked.session_id, "user_id": asked.user_id}, closed)

    async def open(self, asked: ListSessions) -> list[WorkSession]:
        """The open sessions of a project or on one of its media, the last active first."""
        now = self._clock()
        query: Document = {"project_id": asked.project_id, "active_at": {"$gt": now - LIVES_S}, "closed": False}
        if asked.media_id is not None:
            query["media_id"] = asked.media_id
        documents = await self._sessions.find(query).sort("active_at", -1).limit(LISTED).to_list(None)
        return [_unpack(document).seen(now) for document in documents]

    async def labeling_time(self, asked: ReadLabelingTime) -> TimeEntries:
        """Labeling time by person and day, with the edits that each person made on the day."""
        query = _days(asked)
        cursor = self._time.find(query).sort([("day", -1), ("user_id", 1)]).limit(asked.page.limit + 1)
        documents = await cursor.to_list(None)
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
        more = f"{shown[-1]['day']}:{shown[-1]['user_id']}" if len(documents) > len(shown) else None
        return TimeEntries(items=entries, next_cursor=more)

    async def _edits(self, project_id: str, entries: Sequence[Document]) -> dict[tuple[str, str], int]:
        """How many changes the persons of some entries made on the days of these."""
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


def _beating(beat: Heartbeat, now: float) -> list[Document]:
    """The update of a session by a beat. A closed one stays as it is; one that expired opens again with activity."""
    closed = {"$eq": ["$closed", True]}
    active_at = {"$max": ["$active_at", now - beat.idle_s]}
    expired = {"$lte": [{"$add": [{"$ifNull": ["$active_at", 0.0]}, LIVES_S]}, now]}
    silent = {"$lt": [{"$ifNull": ["$beat_at", 0.0]}, now - SILENT_S]}
    same = [
        {"$eq": ["$media_id", beat.media_id]},
        {"$eq": ["$exclusive", beat.exclusive]},
        {"$not": [expired]},
        {"$not": [silent]},
    ]
    opens = {"$and": [expired, {"$lt": [now, {"$add": [active_at, LIVES_S]}]}]}
    beaten: Document = {
        "opened_at": {"$cond": [{"$or": [opens, {"$eq": [{"$type": "$opened_at"}, "missing"]}]}, now, "$opened_at"]},
        "since": {"$cond": [{"$and": same}, "$since", now]},
        "active_at": active_at,
        "beat_at": {"$max": ["$beat_at", now]},
        "media_id": beat.media_id,
        "clip": beat.clip,
        "exclusive": beat.exclusive,
        "closed": False,
        "forget_at": _moment(now + LIVES_S) + REMEMBERED,
    }
    about = {"project_id": beat.project_id, "user_id": beat.user_id}
    unless_closed = {name: {"$cond": [closed, f"${name}", value]} for name, value in beaten.items()}
    return [{"$set": about | unless_closed}]


def _adding(last_beat: Any, now: float) -> Document:
    """The step that adds the time from the person's last beat to this one, unless that was a pause, and notes this
    one: in one update, so that no second counts twice however many windows there are."""
    passed = {"$subtract": [now, last_beat]}
    counts = {"$and": [{"$gt": [passed, 0.0]}, {"$lte": [passed, PAUSE_S]}]}
    added = {"$cond": [counts, passed, 0.0]}
    seconds = {"$add": [{"$ifNull": ["$seconds", 0.0]}, added]}
    return {"$set": {"seconds": seconds, "last_beat": {"$max": ["$last_beat", now]}}}


def _days(asked: ReadLabelingTime) -> Document:
    query: Document = {"project_id": asked.project_id}
    if asked.user_id is not None:
        query["user_id"] = asked.user_id
    day = {"$gte": asked.since, "$lte": asked.until}
    if asked.page.cursor is not None:
        place = _CURSOR.fullmatch(asked.page.cursor)
        if place is None:
            raise invalid("cursor", "This is not where a list of labeling time goes on.")
        day["$lte"] = min(place[1], asked.until or place[1])
        query["$or"] = [{"day": {"$lt": place[1]}}, {"user_id": {"$gt": place[2]}}]
    bounds = {operator: value for operator, value in day.items() if value is not None}
    return query | ({"day": bounds} if bounds else {})


def _unpack(document: Document) -> Session:
    return Session(id=document["_id"], **{name: document[name] for name in _STORED})


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
