"""Work sessions in MongoDB."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError
from pymongo.write_concern import WriteConcern

from annotation.domain.sessions import EXPIRES_AFTER_S, SILENT_AFTER_S, Session
from common.contract.errors import Problem
from common.contract.questions import Heartbeat, ListSessions
from common.storage.mongo import Database, Document

KEPT_AFTER_EXPIRY = timedelta(days=1)
MAX_LISTED = 1000
_STORED_FIELDS = tuple(field.name for field in fields(Session) if field.name != "id")


class SessionRepository:
    """Work sessions. A heartbeat is one update."""

    def __init__(self, database: Database) -> None:
        # A lost heartbeat is repeated 10 seconds later, so that writes need not wait for the journal.
        self._sessions = database.sessions.with_options(write_concern=WriteConcern(w=1, j=False))

    async def record(self, beat: Heartbeat, now: float) -> Session:
        """Store a heartbeat.

        Raises:
            Problem: The session belongs to another user.
        """
        own = {"_id": beat.session_id, "user_id": beat.user_id, "project_id": beat.project_id}
        try:
            document = await self._sessions.find_one_and_update(
                own, _heartbeat_update(beat, now), upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError as error:
            # Two concurrent first heartbeats, or the session of another user.
            document = await self._sessions.find_one(own)
            if document is None:
                raise Problem("session_not_found") from error
        return _unpack(document)

    async def alive_on(self, project_id: str, media_id: str, now: float) -> list[Session]:
        """The sessions on a medium with a recent heartbeat."""
        query = {"media_id": media_id, "project_id": project_id, "beat_at": {"$gte": now - SILENT_AFTER_S}}
        documents = await self._sessions.find(query).sort("beat_at", -1).limit(MAX_LISTED).to_list(None)
        return [_unpack(document) for document in documents]

    async def close(self, session_id: str, user_id: str, now: float) -> None:
        """Close a session of a user."""
        closed = {"$set": {"closed": True, "forget_at": _moment(now) + KEPT_AFTER_EXPIRY}}
        await self._sessions.update_one({"_id": session_id, "user_id": user_id}, closed)

    async def open(self, question: ListSessions, now: float) -> list[Session]:
        """The open sessions of a project or on one of its media, the most recently active first."""
        active = {"$gt": now - EXPIRES_AFTER_S}
        query: Document = {"project_id": question.project_id, "active_at": active, "closed": False}
        if question.media_id is not None:
            query["media_id"] = question.media_id
        documents = await self._sessions.find(query).sort("active_at", -1).limit(MAX_LISTED).to_list(None)
        return [_unpack(document) for document in documents]


def _heartbeat_update(beat: Heartbeat, now: float) -> list[Document]:
    """The update of a session by a heartbeat. A closed session stays unchanged; activity reopens an expired one."""
    closed = {"$eq": ["$closed", True]}
    active_at = {"$max": ["$active_at", now - beat.idle_s]}
    expired = {"$lte": [{"$add": [{"$ifNull": ["$active_at", 0.0]}, EXPIRES_AFTER_S]}, now]}
    silent = {"$lt": [{"$ifNull": ["$beat_at", 0.0]}, now - SILENT_AFTER_S]}
    unchanged = [
        {"$eq": ["$media_id", beat.media_id]},
        {"$eq": ["$exclusive", beat.exclusive]},
        {"$not": [expired]},
        {"$not": [silent]},
    ]
    opens = {"$and": [expired, {"$lt": [now, {"$add": [active_at, EXPIRES_AFTER_S]}]}]}
    values: Document = {
        "opened_at": {"$cond": [{"$or": [opens, {"$eq": [{"$type": "$opened_at"}, "missing"]}]}, now, "$opened_at"]},
        "since": {"$cond": [{"$and": unchanged}, "$since", now]},
        "active_at": active_at,
        "beat_at": {"$max": ["$beat_at", now]},
        "media_id": beat.media_id,
        "clip": beat.clip,
        "exclusive": beat.exclusive,
        "closed": False,
        "forget_at": _moment(now + EXPIRES_AFTER_S) + KEPT_AFTER_EXPIRY,
    }
    about = {"project_id": beat.project_id, "user_id": beat.user_id}
    unless_closed = {name: {"$cond": [closed, f"${name}", value]} for name, value in values.items()}
    return [{"$set": about | unless_closed}]


def _unpack(document: Document) -> Session:
    return Session(id=document["_id"], **{name: document[name] for name in _STORED_FIELDS})


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
