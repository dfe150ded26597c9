"""Objects from per-frame detections, for formats without keyframes."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from common.contract.labels import Keyframe, Source
from common.geometry.types import Angles, Bitmap, Geometry, Keypoint
from export.parsing.imported_object import ImportedObject
from export.parsing.media_index import TargetMedium

Attributes = Mapping[str, str | bool | float]
VisibleShape = tuple[Geometry, Sequence[Keypoint], Angles | None]


class Detection(NamedTuple):
    """An object on one frame of a file. `gone` is the first frame after it on which the object is out of view, if the
    file has one."""

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
    def shape(self) -> VisibleShape:
        """The values that vary between frames."""
        return self.geometry, self.keypoints, self.rpy


def build_object(
    target: TargetMedium,
    category: str,
    detections: Iterable[Detection],
    type_name: str | None = None,
    frames: Sequence[int] | None = None,
    **more: Any,
) -> ImportedObject:
    """The object with these detections, at least one; of two detections on a frame, the first counts.

    The object is out of view on those of `frames` (the frames that the archive has, sorted; default: all) without a
    detection. Attributes with the same value on all frames become attributes of the object.
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
    """The attributes that have the same value on every frame."""
    first = dict(ordered[0].attributes)
    for seen in ordered[1:]:
        first = {name: value for name, value in first.items() if _has_value(seen.attributes, name, value)}
    return first


def _has_value(attributes: Attributes, name: str, value: str | bool | float) -> bool:
    return name in attributes and attributes[name] == value and isinstance(attributes[name], type(value))


def _keyframes(ordered: Sequence[Detection], same: Attributes, frames: Sequence[int]) -> Iterable[Keyframe]:
    """The keyframes: the marked ones, both ends of a gap, and every change of attributes, occlusion or score."""
    attributes: dict[str, str | bool | float] = {}
    before: Detection | None = None
    held: VisibleShape | None = None
    for seen, after in pairwise([*ordered, None]):
        assert seen is not None
        news = {
            name: value
            for name, value in seen.attributes.items()
            if name not in same and not _has_value(attributes, name, value)
        }
        gone = min(filter(None, (_next(frames, seen.frame), seen.gone)), default=None)
        vanishes = gone is not None and (after is None or gone < after.frame)
        changes = before is None or (before.occluded, before.score) != (seen.occluded, seen.score)
        # Without a later keyframe, the object would not move.
        moves_on = after is None and held is not None and held != seen.shape
        jumps = held is not None and _jumps(held, seen, after)
        if seen.is_key or vanishes or news or changes or moves_on or jumps:
            attributes |= news
            held = seen.shape
            yield _keyframe(seen, news)
        if gone is not None and vanishes:
            yield Keyframe(frame=gone, geometry=seen.geometry, outside=True, source="import")
        # After a gap, the object begins with a keyframe.
        before = None if vanishes else seen


def _jumps(held: VisibleShape, seen: Detection, after: Detection | None) -> bool:
    """Whether the object would be elsewhere if it were interpolated: bitmaps hold until the next keyframe, other
    shapes move linearly."""
    if isinstance(seen.geometry, Bitmap):
        return held[0] != seen.geometry
    return after is not None and seen.shape == held != after.shape


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
