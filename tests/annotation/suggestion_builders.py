"""Suggestions for tests."""

from common.contract.labels import Keyframe


def keyframe(frame: int, *, outside: bool = False) -> Keyframe:
    box = {"kind": "bbox", "x1": 0, "y1": 0, "x2": 10, "y2": 10}
    return Keyframe.model_validate({"frame": frame, "geometry": box, "outside": outside, "score": 0.9})
