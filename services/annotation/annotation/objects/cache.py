"""Cache of objects that this process read or wrote lately, so that an edit need not read and parse them again."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from annotation.domain.batch import ObjectSnapshot

# A keyframe takes two kilobytes, with its JSON.
MAX_KEYFRAMES = 50_000
_WEIGHT_OF_OBJECT = 4


@dataclass(frozen=True, slots=True)
class CachedObject:
    """An object as it is stored, and the JSON of each keyframe; None where they were not serialized one by one."""

    snapshot: ObjectSnapshot
    keyframes: list[bytes] | None = None


class ObjectCache:
    """The latest known revision of the objects used last. A revision never changes, so comparing revisions is enough;
    deleted media do not come back, and neither do their objects."""

    def __init__(self, max_keyframes: int = MAX_KEYFRAMES) -> None:
        self._objects: OrderedDict[str, CachedObject] = OrderedDict()
        self._max_keyframes = max_keyframes
        self._keyframes = 0

    def get(self, object_id: str) -> CachedObject | None:
        """The object as it was last seen."""
        return self._objects.get(object_id)

    def keep(self, seen: Iterable[CachedObject]) -> None:
        """Cache objects as they are stored, and drop those unused for longest."""
        for one in seen:
            object_id = one.snapshot.state.id
            self._drop(object_id)
            self._objects[object_id] = one
            self._keyframes += _weight(one)
        while self._keyframes > self._max_keyframes:
            self._drop(next(iter(self._objects)))

    def _drop(self, object_id: str) -> None:
        if (before := self._objects.pop(object_id, None)) is not None:
            self._keyframes -= _weight(before)


def _weight(one: CachedObject) -> int:
    return _WEIGHT_OF_OBJECT + len(one.snapshot.state.keyframes)
