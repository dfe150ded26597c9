"""Serialization of object states that reuses the JSON of unchanged keyframes."""

from collections.abc import Iterable

from annotation.objects.cache import CachedObject
from annotation.objects.documents import json_around, json_of_keyframe, json_of_state
from common.contract.labels import ObjectState


class IncrementalSerializer:
    """Serializes states. Of an object that was serialized before, only new keyframes are: an edit leaves nearly all
    keyframes of a track unchanged, and they are nearly all of its JSON."""

    def __init__(self, cached: Iterable[CachedObject]) -> None:
        self._json_by_identity: dict[int, bytes] = {}
        self._seen: set[str] = set()
        for one in cached:
            self._seen.add(one.snapshot.state.id)
            if one.keyframes is not None:
                self._json_by_identity.update(zip(map(id, one.snapshot.state.keyframes), one.keyframes, strict=True))

    def serialize(self, state: ObjectState) -> tuple[bytes, list[bytes] | None]:
        """The state as JSON, and the JSON of each keyframe; None for these when the object is first seen. States that
        were serialized, and the cached ones, must be kept as long as the serializer is."""
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
