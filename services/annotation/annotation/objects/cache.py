"""Objects that this process read or wrote lately, so that an edit need not read, parse and write what is known."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from annotation.domain.batch import Current
from annotation.objects.documents import json_around, json_of_keyframe, json_of_state
from common.contract.labels import ObjectState

# A keyframe takes two kilobytes, with its JSON.
_KEYFRAMES_KEPT = 50_000
_COUNTED_FOR_AN_OBJECT = 4


@dataclass(frozen=True, slots=True)
class Remembered:
    """An object as it is stored, and each of its keyframes as JSON; None where these were not written one by one."""

    current: Current
    keyframes: list[bytes] | None = None


class Recent:
    """The latest known revision of objects, those used last. What an object was at a revision never changes, so it is
    enough to compare revisions; a medium that is gone does not come back, and so neither do its objects."""

    def __init__(self) -> None:
        self._objects: OrderedDict[str, Remembered] = OrderedDict()
        self._keyframes = 0

    def get(self, object_id: str) -> Remembered | None:
        """The object as it was when it was last seen."""
        return self._objects.get(object_id)

    def keep(self, seen: Iterable[Remembered]) -> None:
        """Remember objects as they are stored."""
        for one in seen:
            object_id = one.current.state.id
            self._forget(object_id)
            self._objects[object_id] = one
            self._keyframes += _weight(one)
        while self._keyframes > _KEYFRAMES_KEPT:
            self._forget(next(iter(self._objects)))

    def _forget(self, object_id: str) -> None:
        if (before := self._objects.pop(object_id, None)) is not None:
            self._keyframes -= _weight(before)


def _weight(one: Remembered) -> int:
    return _COUNTED_FOR_AN_OBJECT + len(one.current.state.keyframes)


class Scribe:
    """Writes states as JSON. Of an object that was written before, only keyframes that are new: an edit leaves nearly
    all of a track as it was, and its keyframes are nearly all there is to write."""

    def __init__(self, remembered: Iterable[Remembered]) -> None:
        self._known: dict[int, bytes] = {}
        self._met: set[str] = set()
        for one in remembered:
            self._met.add(one.current.state.id)
            if one.keyframes is not None:
                self._known.update(zip(map(id, one.current.state.keyframes), one.keyframes, strict=True))

    def write(self, state: ObjectState) -> tuple[bytes, list[bytes] | None]:
        """The state as JSON, and each of its keyframes; None for these where the object is met for the first time.
        States that are written, and those remembered, have to be kept as long as the scribe is."""
        if state.id not in self._met:
            self._met.add(state.id)
            return json_of_state(state), None
        keyframes: list[bytes] = []
        for keyframe in state.keyframes:
            written = self._known.get(id(keyframe))
            if written is None:
                written = self._known[id(keyframe)] = json_of_keyframe(keyframe)
            keyframes.append(written)
        return json_around(state, keyframes), keyframes
