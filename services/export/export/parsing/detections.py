"""Objects from what is seen of them frame by frame, as formats without keyframes tell it."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from common.contract.labels import Keyframe, Source
from common.geometry.types import Angles, Bitmap, Geometry, Keypoint
from export.parsing.imported_object import ImportedObject
from export.parsing.media_index import TargetMedium

Attributes = Mapping[str, str | bool | float]
Drawn = tuple[Geometry, Sequence[Keypoint], Angles | None]


class Detection(NamedTuple):
    """What a file says of an object on one frame. `where` says where, for people; `gone`, where a file does, from which
    frame on it is out of view."""

    where: str
    geometry: Geometry
    is_key: bool = True
    occluded: bool = False
    score: float | None = None
    attributes: Attributes = {}
    frame: int = 0
    source: Source = "import"
    keypoints: Sequence[Keypoint] = ()
    rpy: Angles | None = None
    gone: int | None = None

    @property
    def drawn(self) -> Drawn:
        """What moves from frame to frame."""
        return self.geometry, self.keypoints, self.rpy


def build_object(
    target: TargetMedium,
    category: str,
    detections: Iterable[Detection],
    type_name: str | None = None,
    frames: Sequence[int] | None = None,
    **more: Any,
) -> ImportedObject:
    """The object that was seen on these frames of a medium, at least one; of two on a frame, the first counts.

    It is out of view on those of `frames`, the ones that the file has (all, if not given; in order), on which it is
    not seen. Attributes that are the same on all frames are the object's.
    """
    by_frame: dict[int, Detection] = {}
    for seen in detections:
        by_frame.setdefault(seen.frame, seen)
    ordered = [by_frame[frame] for frame in sorted(by_frame)]
    same = _same(ordered)
    return ImportedObject(
        where=ordered[0].where,
        media_id=target.id,
        category=category,
        type=type_name,
        attributes=same,
        keyframes=list(_keyframes(ordered, same, range(target.frame_count) if frames is None else frames)),
        **more,
    )


def _same(ordered: Sequence[Detection]) -> dict[str, str | bool | float]:
    """The attributes that are said on every frame, and always the same."""
    first = dict(ordered[0].attributes)
    for seen in ordered[1:]:
        first = {name: value for name, value in first.items() if _says(seen.attributes, name, value)}
    return first


def _says(attributes: Attributes, name: str, value: str | bool | float) -> bool:
    return name in attributes and attributes[name] == value and isinstance(attributes[name], type(value))


def _keyframes(ordered: Sequence[Detection], same: Attributes, frames: Sequence[int]) -> Iterable[Keyframe]:
    """The keyframes: those that are called so, those at both ends of a gap, and where something is said anew."""
    attributes: dict[str, str | bool | float] = {}
    before: Detection | None = None
    held: Drawn | None = None
    for seen, after in pairwise([*ordered, None]):
        assert seen is not None
        news = {
            name: value
            for name, value in seen.attributes.items()
            if name not in same and not _says(attributes, name, value)
        }
        gone = min(filter(None, (_next(frames, seen.frame), seen.gone)), default=None)
        vanishes = gone is not None and (after is None or gone < after.frame)
        changes = before is None or (before.occluded, before.score) != (seen.occluded, seen.score)
        # On its way to a keyframe that the file does not have, it would stay behind.
        moves_on = after is None and held is not None and held != seen.drawn
        jumps = held is not None and _jumps(held, seen, after)
        if seen.is_key or vanishes or news or changes or moves_on or jumps:
            attributes |= news
            held = seen.drawn
            yield _keyframe(seen, news)
        if gone is not None and vanishes:
            yield Keyframe(frame=gone, geometry=seen.geometry, outside=True, source="import")
        # What comes back begins with a keyframe.
        before = None if vanishes else seen


def _jumps(held: Drawn, seen: Detection, after: Detection | None) -> bool:
    """Whether it is elsewhere than it would be if it were left to itself: pixels stay as they are up to a keyframe,
    everything else goes straight there."""
    if isinstance(seen.geometry, Bitmap):
        return held[0] != seen.geometry
    return after is not None and seen.drawn == held != after.drawn


def _next(frames: Sequence[int], frame: int) -> int | None:
    """The first of the frames after this one."""
    at = bisect_right(frames, frame)
    return frames[at] if at < len(frames) else None


def _keyframe(seen: Detection, attributes: dict[str, str | bool | float]) -> Keyframe:
    return Keyframe(
        frame=seen.frame,
        geometry=seen.geometry,
        occluded=seen.occluded,
        source=seen.source,
        score=seen.score,
        attributes=attributes,
        keypoints=list(seen.keypoints),
        rpy=seen.rpy,
    )
