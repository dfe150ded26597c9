"""Dataset versions: their contents as a file, and the differences between two of them."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

import orjson

from common.contract.media import Conditions
from common.contract.missions import Mission
from export.dataset.media import ExportMedium

Change = Literal["added", "removed", "changed"]
# Author, time and revision of an object are no difference in a dataset.
_METADATA = frozenset({"revision", "author", "created_at"})
_MEDIUM = tuple(name for name in ExportMedium.__dataclass_fields__ if name not in ("picked", "path", "folder"))
States = Iterator[tuple[str, dict[str, bytes]]]


@dataclass(frozen=True, slots=True)
class Contents:
    """The missions and media of a version."""

    missions: Sequence[Mission]
    media: Sequence[ExportMedium]

    def lines(self) -> Iterator[bytes]:
        """As lines of JSON, the same for the same contents."""
        yield orjson.dumps([mission.model_dump(mode="json") for mission in self.missions]) + b"\n"
        for medium in sorted(self.media, key=lambda medium: medium.id):
            row = {name: getattr(medium, name) for name in _MEDIUM} | {"conditions": medium.conditions.model_dump()}
            yield orjson.dumps(row) + b"\n"

    @classmethod
    def read(cls, lines: Iterable[bytes]) -> "Contents":
        """From the lines of `lines`."""
        rest = iter(lines)
        missions = [Mission.model_validate(mission) for mission in orjson.loads(next(rest))]
        return cls(missions, [_medium(orjson.loads(line)) for line in rest])


def _medium(row: dict[str, Any]) -> ExportMedium:
    return ExportMedium(**row | {"conditions": Conditions(**row["conditions"]), "path": "", "folder": ""})


def digest(pieces: Iterable[bytes]) -> str:
    """The SHA-256 of all pieces together."""
    found = hashlib.sha256()
    for piece in pieces:
        found.update(piece)
    return found.hexdigest()


def differences(before: Iterable[bytes], after: Iterable[bytes]) -> Iterator[tuple[Change, str, str]]:
    """The differences between two snapshots, both ordered by medium, as change, medium id and object id. Holds the
    objects of one medium at a time."""
    old, new = _by_medium(before), _by_medium(after)
    left, right = next(old, None), next(new, None)
    while left or right:
        media_id = min(side[0] for side in (left, right) if side)
        was, is_now = _of(left, media_id), _of(right, media_id)
        for object_id in sorted({*was, *is_now}):
            if was.get(object_id) != is_now.get(object_id):
                yield _change(object_id in was, object_id in is_now), media_id, object_id
        left = next(old, None) if left and left[0] == media_id else left
        right = next(new, None) if right and right[0] == media_id else right


def _of(side: tuple[str, dict[str, bytes]] | None, media_id: str) -> dict[str, bytes]:
    return side[1] if side and side[0] == media_id else {}


def _change(was_there: bool, is_there: bool) -> Change:
    if was_there and is_there:
        return "changed"
    return "removed" if was_there else "added"


def _by_medium(lines: Iterable[bytes]) -> States:
    states = (state for line in lines if not (state := orjson.loads(line)).get("deleted"))
    for media_id, group in groupby(states, lambda state: str(state["media_id"])):
        yield media_id, {str(state["id"]): _content_digest(state) for state in group}


def _content_digest(state: dict[str, Any]) -> bytes:
    content = {name: value for name, value in state.items() if name not in _METADATA}
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()
