"""Suggestions in MongoDB: suggested tracks and their reviews."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import UpdateOne

from annotation.domain.suggestions import ReviewDone
from annotation.domain.tracks import extent
from annotation.outbox.events import EventRepository
from annotation.transaction import in_transaction
from common.contract.events import LabelsReviewed, LabelsSuggested
from common.contract.labels import Keyframe, Suggestion
from common.contract.questions import ListSuggestions, PendingSuggestion, SuggestionList
from common.storage.cursor import decode_cursor, encode_cursor
from common.storage.mongo import Database, Document

_WRITES_PER_BATCH = 500


class ReviewedMeanwhile(Exception):
    """One of the suggestions was reviewed in the meantime."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A reviewed suggestion."""

    suggestion: PendingSuggestion
    review: ReviewDone
    reviewer: str
    at: float

    @property
    def object_id(self) -> str | None:
        """The object created from the suggestion."""
        return None if self.review == "rejected" else self.suggestion.id


class SuggestionRepository:
    """Suggestions of all media."""

    def __init__(self, database: Database, events: EventRepository) -> None:
        self._client = database.client
        self._suggestions = database.suggestions
        self._events = events

    async def keep(self, suggested: LabelsSuggested, tracks: Sequence[tuple[Suggestion, list[Keyframe]]]) -> None:
        """Store the tracks of a run as pending. Existing ones stay unchanged, reviewed or not."""
        for begin in range(0, len(tracks), _WRITES_PER_BATCH):
            writes = [
                UpdateOne(
                    {"_id": suggestion.id}, {"$setOnInsert": _pack(suggested, suggestion, keyframes)}, upsert=True
                )
                for suggestion, keyframes in tracks[begin : begin + _WRITES_PER_BATCH]
            ]
            await self._suggestions.bulk_write(writes, ordered=False)

    async def page(self, question: ListSuggestions) -> SuggestionList:
        """A page of the suggestions on a medium, ordered by first frame."""
        query = _query(question)
        cursor = self._suggestions.find(query).sort([("first", 1), ("_id", 1)]).limit(question.page.limit + 1)
        documents = await cursor.to_list(None)
        shown = documents[: question.page.limit]
        next_cursor = encode_cursor(shown[-1]["first"], shown[-1]["_id"]) if len(documents) > len(shown) else None
        return SuggestionList(items=[_unpack(document) for document in shown], next_cursor=next_cursor)

    async def find(self, project_id: str, media_id: str, ids: Collection[str]) -> dict[str, PendingSuggestion]:
        """Suggestions on a medium by id."""
        query = {"_id": {"$in": list(ids)}, "project_id": project_id, "media_id": media_id}
        return {document["_id"]: _unpack(document) async for document in self._suggestions.find(query)}

    async def reject(self, project_id: str, reviews: Sequence[Reviewed]) -> None:
        """Store reviews that create no object.

        Raises:
            ReviewedMeanwhile: One of the suggestions is no longer pending.
        """
        await in_transaction(self._client, lambda session: self.mark(session, project_id, reviews))

    async def mark(self, session: Any, project_id: str, reviews: Sequence[Reviewed]) -> None:
        """Store reviews and their events, in the transaction of `session`.

        Raises:
            ReviewedMeanwhile: One of the suggestions is no longer pending.
        """
        if not reviews:
            return
        result = await self._suggestions.bulk_write([_review_update(review) for review in reviews], session=session)
        if result.matched_count != len(reviews):
            raise ReviewedMeanwhile
        await self._events.keep(session, *(_event(project_id, review) for review in reviews))


def _query(question: ListSuggestions) -> Document:
    first: Document = {} if question.last is None else {"$lte": question.last}
    query: Document = {"media_id": question.media_id, "project_id": question.project_id}
    if question.first is not None:
        query["last"] = {"$gte": question.first}
    if question.review is not None:
        query["review"] = question.review
    if question.run_id is not None:
        query["run_id"] = question.run_id
    if question.page.cursor is not None:
        frame, after = decode_cursor(question.page.cursor, tuple[int, str])
        first["$gte"] = frame
        query["$or"] = [{"first": {"$gt": frame}}, {"_id": {"$gt": after}}]
    return query | ({"first": first} if first else {})


def _review_update(reviewed: Reviewed) -> UpdateOne:
    review = {
        "review": reviewed.review,
        "object_id": reviewed.object_id,
        "reviewer": reviewed.reviewer,
        "reviewed_at": reviewed.at,
    }
    return UpdateOne({"_id": reviewed.suggestion.id, "review": "pending"}, {"$set": review})


def _event(project_id: str, reviewed: Reviewed) -> LabelsReviewed:
    return LabelsReviewed(
        project_id=project_id,
        media_id=reviewed.suggestion.media_id,
        suggestion_id=reviewed.suggestion.id,
        run_id=reviewed.suggestion.run_id,
        review=reviewed.review,
        object_id=reviewed.object_id,
        reviewer=reviewed.reviewer,
        at=reviewed.at,
    )


def _unpack(document: Document) -> PendingSuggestion:
    return PendingSuggestion.model_validate(document | {"id": document["_id"]})


def _pack(suggested: LabelsSuggested, suggestion: Suggestion, keyframes: list[Keyframe]) -> Document:
    span = extent(keyframes)
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
