"""Tracks that runs propose and that nobody has looked at yet."""

from collections.abc import Sequence

from pymongo import UpdateOne

from annotation.domain.tracks import reach
from common.events import LabelsSuggested
from common.labels import Keyframe, Suggestion
from common.mongo import Database, Document

_AT_ONCE = 500


class SuggestionStore:
    """Suggestions in MongoDB, beside the objects."""

    def __init__(self, database: Database) -> None:
        self._suggestions = database.suggestions

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
