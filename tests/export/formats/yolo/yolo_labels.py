"""Labels that apply to spans of frames, for the tests of YOLO Classification."""

from typing import Any

from common.contract.labels import Keyframe, ObjectState
from common.geometry.types import ImageTag
from tests.export.made import labeled


def label(object_id: str, category: str, *spans: tuple[int, int], media_id: str = "m1", **more: Any) -> ObjectState:
    """A label that applies to spans of frames."""
    edges = [
        keyframe
        for first, end in spans or [(0, 10_000)]
        for keyframe in (
            Keyframe(frame=first, geometry=ImageTag()),
            Keyframe(frame=end, geometry=ImageTag(), outside=True),
        )
    ]
    return labeled(object_id, *edges, media_id=media_id, category=category, annotation_type="label", **more)
