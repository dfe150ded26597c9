"""Tracks that runs propose, and what people said of them."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import UpdateOne

from annotation.domain.suggestions import ReviewDone
from annotation.domain.tracks import reach
from annotation.outbox.events import Tellings
from common.contract.events import LabelsReviewed, LabelsSuggested
from common.contract.labels import Keyframe, Suggestion
from common.contract.questions import ListSuggestions, PendingSuggestion, SuggestionList
from common.service.errors import invalid
from common.storage.mongo import Database, Document

_AT_ONCE = 500
_CURSOR = re.compile(r"(\d{1,8}):([a-z0-9-]{1,64})")


class ReviewedMeanwhile(Exception):
    """Somebody else reviewed one of the suggestions first."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What became of a suggestion."""

    suggestion: PendingSuggestion
    review: ReviewDone
    reviewer: str
    at: float

    @property
    def object_id(self) -> str | None:
        """The object that it is now."""
        return None if self.review == "rejected" else self.suggestion.id


class SuggestionStore:
    """Suggestions in MongoDB, beside the objects."""

    def __init__(self, database: Database, tellings: Tellings) -> None:
        self._suggestions = database.suggestions
        self._tellings = tellings

    async def keep(self, suggested: LabelsSuggested, tracks: Sequence[tuple[Suggestion, list[Keyframe]]]) -> None:
        """Store the tracks of a run as pending; one that is there already stays as it is, also when reviewed."""
        for begin in range(0, len(tracks), _AT_ONCE):
            writes = [
                UpdateOne(
                    {"_id": suggestion.id}, {"$setOnInsert": _pack(suggested, suggestion, keyframes)}, upsert=True
                )
                for suggestion, keyframes in tracks[begin : begin + _AT_ONCE]
            ]
            await self._suggestions.bulk_write(writes, ordered=False)

    async def page(self, asked: ListSuggestions) -> SuggestionList:
        """A page of the suggestions for a medium, in the order of their first frame."""
        query = _query(asked)
        cursor = self._suggestions.find(query).sort([("first", 1), ("_id", 1)]).limit(asked.page.limit + 1)
        documents = await cursor.to_list(None)
        shown = documents[: asked.page.limit]
        more = f"{shown[-1]['first']}:{shown[-1]['_id']}" if len(documents) > len(shown) else None
        return SuggestionList(items=[_unpack(document) for document in shown], next_cursor=more)

    async def find(self, project_id: str, media_id: str, ids: Collection[str]) -> dict[str, PendingSuggestion]:
        """Suggestions for a medium by id."""
        query = {"_id": {"$in": list(ids)}, "project_id": project_id, "media_id": media_id}
        return {document["_id"]: _unpack(document) async for document in self._suggestions.find(query)}

    async def mark(self, session: Any, project_id: str, reviews: Sequence[Reviewed]) -> None:
        """Note what became of suggestions, and keep the news of it.

        Raises:
            ReviewedMeanwhile: one of them is not pending any more.
        """
        if not reviews:
            return
        result = await self._suggestions.bulk_write([_reviewing(one) for one in reviews], session=session)
        if result.matched_count != len(reviews):
            raise ReviewedMeanwhile
        await self._tellings.keep(session, *(_news(project_id, one) for one in reviews))


def _query(asked: ListSuggestions) -> Document:
    first: Document = {} if asked.last is None else {"$lte": asked.last}
    query: Document = {"media_id": asked.media_id, "project_id": asked.project_id}
    if asked.first is not None:
        query["last"] = {"$gte": asked.first}
    if asked.review is not None:
        query["review"] = asked.review
    if asked.run_id is not None:
        query["run_id"] = asked.run_id
    if asked.page.cursor is not None:
        place = _CURSOR.fullmatch(asked.page.cursor)
        if place is None:
            raise invalid("cursor", "This is not where a list of suggestions goes on.")
        frame, after = int(place[1]), place[2]
        first["$gte"] = frame
        query["$or"] = [{"first": {"$gt": frame}}, {"_id": {"$gt": after}}]
    return query | ({"first": first} if first else {})


def _reviewing(one: Reviewed) -> UpdateOne:
    review = {"review": one.review, "object_id": one.object_id, "reviewer": one.reviewer, "reviewed_at": one.at}
    return UpdateOne({"_id": one.suggestion.id, "review": "pending"}, {"$set": review})


def _news(project_id: str, one: Reviewed) -> LabelsReviewed:
    return LabelsReviewed(
        project_id=project_id,
        media_id=one.suggestion.media_id,
        suggestion_id=one.suggestion.id,
        run_id=one.suggestion.run_id,
        review=one.review,
        object_id=one.object_id,
        reviewer=one.reviewer,
        at=one.at,
    )


def _unpack(document: Document) -> PendingSuggestion:
    return PendingSuggestion.model_validate(document | {"id": document["_id"]})


def _pack(suggested: LabelsSuggested, suggestion: Suggestion, keyframes: list[Keyframe]) -> Document:
    span = reach(keyframes)
    return {
        "project_id": suggested.project_id,
        "media_id": suggested.media_id,
        "run_id": suggested.run_id,
        "clip": suggested.clip,
        "model": suggested.model,
        "author": suggested.author,
        "label": suggestion.label,
        "score": suggestion.score,
        "keyframes": [keyframe.model_dump() for keyframe in keyframes],
        "first": span.first,
        "last": span.last,
        "review": "pending",
    }
