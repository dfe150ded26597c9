"""Objects from what is seen of them frame by frame, as formats without keyframes tell it."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from common.geometry import Geometry
from common.labels import Keyframe
from export.domain.reading.imported import Imported
from export.domain.reading.matching import Target

Attributes = Mapping[str, str | bool | float]


class Sighting(NamedTuple):
    """What a file says of an object on one frame. `where` says where, for people."""

    where: str
    geometry: Geometry
    is_key: bool = True
    occluded: bool = False
    score: float | None = None
    attributes: Attributes = {}
    frame: int = 0


def imported(
    target: Target,
    category: str,
    sightings: Iterable[Sighting],
    type_name: str | None = None,
    frames: Sequence[int] | None = None,
    **more: Any,
) -> Imported:
    """The object that was seen on these frames of a medium, at least one; of two on a frame, the first counts.

    It is out of view on those of `frames`, the ones that the file has (all, if not given; in order), on which it is
    not seen. Attributes that are the same on all frames are the object's.
    """
    by_frame: dict[int, Sighting] = {}
    for seen in sightings:
        by_frame.setdefault(seen.frame, seen)
    ordered = [by_frame[frame] for frame in sorted(by_frame)]
    same = _same(ordered)
    return Imported(
        where=ordered[0].where,
        media_id=target.id,
        category=category,
        type=type_name,
        attributes=same,
        keyframes=list(_keyframes(ordered, same, range(target.frame_count) if frames is None else frames)),
        **more,
    )


def _same(ordered: Sequence[Sighting]) -> dict[str, str | bool | float]:
    """The attributes that are said on every frame, and always the same."""
    first = dict(ordered[0].attributes)
    for seen in ordered[1:]:
        first = {name: value for name, value in first.items() if _says(seen.attributes, name, value)}
    return first


def _says(attributes: Attributes, name: str, value: str | bool | float) -> bool:
    return name in attributes and attributes[name] == value and isinstance(attributes[name], type(value))


def _keyframes(ordered: Sequence[Sighting], same: Attributes, frames: Sequence[int]) -> Iterable[Keyframe]:
    """The keyframes: those that are called so, those at both ends of a gap, and where something is said anew."""
    said: dict[str, str | bool | float] = {}
    before: Sighting | None = None
    held: Geometry | None = None
    for seen, after in pairwise([*ordered, None]):
        assert seen is not None
        news = {name: value for name, value in seen.attributes.items() if name not in same and said.get(name) != value}
        gone = _next(frames, seen.frame)
        vanishes = gone is not None and (after is None or gone < after.frame)
        changes = before is None or (before.occluded, before.score) != (seen.occluded, seen.score)
        # On its way to a keyframe that the file does not have, it would stay behind.
        moves_on = after is None and held is not None and held != seen.geometry
        if seen.is_key or vanishes or news or changes or moves_on:
            said |= news
            held = seen.geometry
            yield _keyframe(seen, news)
        if gone is not None and vanishes:
            yield Keyframe(frame=gone, geometry=seen.geometry, outside=True, source="import")
        # What comes back begins with a keyframe.
        before = None if vanishes else seen


def _next(frames: Sequence[int], frame: int) -> int | None:
    """The first of the frames after this one."""
    at = bisect_right(frames, frame)
    return frames[at] if at < len(frames) else None


def _keyframe(seen: Sighting, attributes: dict[str, str | bool | float]) -> Keyframe:
    return Keyframe(
        frame=seen.frame,
        geometry=seen.geometry,
        occluded=seen.occluded,
        source="import",
        score=seen.score,
        attributes=attributes,
    )
