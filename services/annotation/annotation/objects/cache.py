"""Cache of objects that this process used recently, so that edits need not read and parse them again."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from annotation.domain.batch import ObjectSnapshot

# A keyframe takes two kilobytes, with its JSON.
MAX_KEYFRAMES = 50_000
_WEIGHT_OF_OBJECT = 4


@dataclass(frozen=True, slots=True)
class CachedObject:
    """A stored object, and the JSON of each keyframe; None if the keyframes were not serialized separately."""

    snapshot: ObjectSnapshot
    keyframes: list[bytes] | None = None


class ObjectCache:
    """The latest known revisions of the most recently used objects. Revisions never change, so that comparing their
    numbers is sufficient. Deleted media and their objects are never restored."""

    def __init__(self, max_keyframes: int = MAX_KEYFRAMES) -> None:
        self._objects: OrderedDict[str, CachedObject] = OrderedDict()
        self._max_keyframes = max_keyframes
        self._keyframes = 0

    def get(self, object_id: str) -> CachedObject | None:
        """The cached object; None if there is none."""
        return self._objects.get(object_id)

    def keep(self, objects: Iterable[CachedObject]) -> None:
        """Cache stored objects, and drop the least recently used ones."""
        for cached in objects:
            object_id = cached.snapshot.state.id
            self._drop(object_id)
            self._objects[object_id] = cached
            self._keyframes += _weight(cached)
        while self._keyframes > self._max_keyframes:
            self._drop(next(iter(self._objects)))

    def _drop(self, object_id: str) -> None:
        if (before := self._objects.pop(object_id, None)) is not None:
            self._keyframes -= _weight(before)


def _weight(cached: CachedObject) -> int:
    return _WEIGHT_OF_OBJECT + len(cached.snapshot.state.keyframes)
