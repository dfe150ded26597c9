"""Chooses keyframes so that interpolation reproduces every frame of a file."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from common.contract.labels import Keyframe
from common.geometry.shapes import interpolate_shapes
from common.geometry.types import Bitmap, Box, Geometry, ImageTag
from common.geometry.vectors import to_vector, vector_layout
from export.parsing.detections import Detection

# The tolerance between interpolated coordinates and coordinates with two decimals.
_TOLERANCE_PX = 0.02
# Shapes whose interpolation is always exact.
_EXACT = Box | Bitmap | ImageTag


def with_required_keyframes(ordered: Sequence[Detection]) -> Iterator[Detection]:
    """The detections in frame order; those that interpolation cannot reproduce become keyframes, for example where a
    rotated box became a polygon. Boxes always can be interpolated."""
    start = 0
    for at, (detection, after) in enumerate(pairwise([*ordered, None])):
        assert detection is not None
        is_last = after is None or after.frame != detection.frame + 1
        if is_last or (detection.is_key and at > start):
            yield from _between(ordered[start : at + 1])
            if is_last:
                # A contour that collapses to nothing is no keyframe shape.
                yield detection if isinstance(detection.geometry, _EXACT) else detection._replace(is_key=True)
            start = at + 1 if is_last else at


def _between(detections: Sequence[Detection]) -> Iterator[Detection]:
    """The detections from a keyframe up to the next one, exclusive."""
    first, last = detections[0], detections[-1]
    inner = detections[1:-1]
    if len(detections) > 1:
        yield first
    if inner and not all(isinstance(detection.geometry, Box) for detection in detections):
        ends = [Keyframe(frame=end.frame, geometry=end.geometry) for end in (first, last)]
        interpolated = interpolate_shapes(ends, inner[0].frame, inner[-1].frame)
        if not all(
            _is_near(detection.geometry, shape.geometry) for detection, shape in zip(inner, interpolated, strict=False)
        ):
            yield from (detection._replace(is_key=True) for detection in inner)
            return
    yield from inner


def _is_near(first: Geometry, second: Geometry) -> bool:
    if isinstance(first, Bitmap) or isinstance(second, Bitmap) or vector_layout(first) != vector_layout(second):
        return first == second
    return all(
        abs(before - after) <= _TOLERANCE_PX for before, after in zip(to_vector(first), to_vector(second), strict=True)
    )
