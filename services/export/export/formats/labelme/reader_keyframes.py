"""Chooses keyframes so that interpolation reproduces every frame of a file."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from common.contract.labels import Keyframe
from common.geometry.shapes import interpolate_shapes
from common.geometry.types import Bitmap, Box, Geometry, ImageTag
from common.geometry.vectors import to_vector, vector_layout
from export.parsing.detections import Detection

# Two coordinates that are rounded to hundredths, and what is between them.
_TOLERANCE_PX = 0.02
# What is between two keys of these is known.
_COMPUTED = Box | Bitmap | ImageTag


def with_required_keyframes(ordered: Sequence[Detection]) -> Iterator[Detection]:
    """The detections in frame order, with those marked as keyframes that cannot be interpolated, for example where a
    rotating box became a polygon. Boxes always can."""
    begin = 0
    for at, (seen, after) in enumerate(pairwise([*ordered, None])):
        assert seen is not None
        ends_here = after is None or after.frame != seen.frame + 1
        if ends_here or (seen.is_key and at > begin):
            yield from _between(ordered[begin : at + 1])
            if ends_here:
                # An outline without any extent is none between keys.
                yield seen if isinstance(seen.geometry, _COMPUTED) else seen._replace(is_key=True)
            begin = at + 1 if ends_here else at


def _between(stretch: Sequence[Detection]) -> Iterator[Detection]:
    """The detections from a keyframe up to the next one, exclusive."""
    first, last = stretch[0], stretch[-1]
    inner = stretch[1:-1]
    if len(stretch) > 1:
        yield first
    if inner and not all(isinstance(seen.geometry, Box) for seen in stretch):
        ends = [Keyframe(frame=end.frame, geometry=end.geometry) for end in (first, last)]
        computed = interpolate_shapes(ends, inner[0].frame, inner[-1].frame)
        if not all(_alike(seen.geometry, shape.geometry) for seen, shape in zip(inner, computed, strict=False)):
            yield from (seen._replace(is_key=True) for seen in inner)
            return
    yield from inner


def _alike(one: Geometry, other: Geometry) -> bool:
    if isinstance(one, Bitmap) or isinstance(other, Bitmap) or vector_layout(one) != vector_layout(other):
        return one == other
    return all(abs(left - right) <= _TOLERANCE_PX for left, right in zip(to_vector(one), to_vector(other), strict=True))
