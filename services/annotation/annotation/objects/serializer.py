"""Serialization of object states that reuses the JSON of unchanged keyframes."""

from collections.abc import Iterable

from annotation.objects.cache import CachedObject
from annotation.objects.documents import json_around, json_of_keyframe, json_of_state
from common.contract.labels import ObjectState


class IncrementalSerializer:
    """Serializes states. For an object that was serialized before, only new keyframes are serialized: an edit changes
    few keyframes of a track, and they make up most of its JSON."""

    def __init__(self, cached: Iterable[CachedObject]) -> None:
        self._json_by_identity: dict[int, bytes] = {}
        self._seen: set[str] = set()
        for entry in cached:
            self._seen.add(entry.snapshot.state.id)
            if entry.keyframes is not None:
                self._json_by_identity.update(
                    zip(map(id, entry.snapshot.state.keyframes), entry.keyframes, strict=True)
                )

    def serialize(self, state: ObjectState) -> tuple[bytes, list[bytes] | None]:
        """The state as JSON, and the JSON of each keyframe; None instead of these for the first state of an object.
        Serialized and cached states must live as long as the serializer."""
        if state.id not in self._seen:
            self._seen.add(state.id)
            return json_of_state(state), None
        keyframes: list[bytes] = []
        for keyframe in state.keyframes:
            serialized = self._json_by_identity.get(id(keyframe))
            if serialized is None:
                serialized = self._json_by_identity[id(keyframe)] = json_of_keyframe(keyframe)
            keyframes.append(serialized)
        return json_around(state, keyframes), keyframes
