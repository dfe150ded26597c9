"""Every kind of shape on every frame, with the cases that also verify the browser's implementation."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from common.contract.labels import Keyframe
from common.geometry import types
from common.geometry.masks import bitmap_iou, rasterize
from common.geometry.shapes import (
    attributes_at,
    effective_attributes,
    geometry_at,
    interpolate_shapes,
    shape_at,
    visible_shapes,
)
from common.geometry.tracks import Tracks, visible_boxes
from common.geometry.transform import scale_geometry, translate_geometry
from tests.common.every_kind import every_kind
from tests.common.flattened import flat

CASES = json.loads((Path(__file__).parents[1] / "cases" / "shapes.json").read_text())
GEOMETRY: TypeAdapter[types.Geometry] = TypeAdapter(types.Geometry)
# Shapes are compared on a grid with this many pixels per image pixel.
FINE = 8


def distance(one: list[tuple[float, float]], other: list[tuple[float, float]]) -> float:
    """The Hausdorff distance of two lines."""
    return max(away(one, other), away(other, one))


def away(line: list[tuple[float, float]], other: list[tuple[float, float]]) -> float:
    """The largest distance of points on a line from another line."""
    samples = np.concatenate([np.linspace(start, end, 50) for start, end in pairwise(line)])
    found = []
    for start, end in pairwise(np.array(other)):
        way = end - start
        share = np.clip((samples - start) @ way / (way @ way), 0, 1)
        found.append(np.sqrt(((samples - start - share[:, None] * way) ** 2).sum(axis=1)))
    return float(np.min(found, axis=0).max())


def overlap(one: types.Geometry, other: types.Geometry) -> float:
    return bitmap_iou(
        rasterize(scale_geometry(one, FINE, FINE, (0, 0))), rasterize(scale_geometry(other, FINE, FINE, (0, 0)))
    )


def assert_same(found: types.Geometry, expected: types.Geometry, case: dict[str, Any]) -> None:
    if isinstance(found, types.Polygon):
        assert overlap(found, expected) >= case.get("iou", 0.98)
    elif isinstance(found, types.Polyline) and isinstance(expected, types.Polyline):
        assert distance(found.points, expected.points) <= case.get("hausdorff", 1.0)
    else:
        assert flat(found.model_dump()) == pytest.approx(flat(expected.model_dump()), abs=1e-6)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_shapes_match_the_cases(case: dict[str, Any]) -> None:
    keyframes = [Keyframe.model_validate(keyframe) for keyframe in case["keyframes"]]

    found = {shape.frame: shape for shape in interpolate_shapes(keyframes, 0, case["last_frame"])}.get(case["frame"])

    if "expected_attributes" in case:
        assert attributes_at(keyframes, case["frame"]) == case["expected_attributes"]
    if case["expected"] is None:
        assert found is None
        return
    assert found is not None
    assert_same(found.geometry, GEOMETRY.validate_python(case["expected"]), case)
    if "expected_occluded" in case:
        assert keyframes[found.keyframe].occluded is case["expected_occluded"]
    if "expected_rpy" in case:
        rpy = found.rpy.model_dump() if found.rpy else None
        assert rpy == (pytest.approx(case["expected_rpy"]) if case["expected_rpy"] else None)
        keypoints = [point.model_dump() for point in found.keypoints]
        assert flat(keypoints) == pytest.approx(flat(case["expected_keypoints"]))


@pytest.mark.parametrize("case", [case for case in CASES if "cvat" in case], ids=lambda case: case["name"])
def test_ordinary_contours_agree_with_cvat(case: dict[str, Any]) -> None:
    found = geometry_at([Keyframe.model_validate(keyframe) for keyframe in case["keyframes"]], case["frame"])

    assert found is not None
    assert_same(found, GEOMETRY.validate_python(case["cvat"]), {})


@every_kind
def test_interpolation_between_equal_keyframes_is_constant(geometry: types.Geometry) -> None:
    keyframes = [Keyframe(frame=0, geometry=geometry), Keyframe(frame=7, geometry=geometry.model_copy())]

    for shape in interpolate_shapes(keyframes, 0, 12):
        assert flat(shape.geometry.model_dump()) == pytest.approx(flat(geometry.model_dump()))


@every_kind
def test_shapes_on_keyframes_are_exact(geometry: types.Geometry) -> None:
    given = [geometry, translate_geometry(geometry, 7.3, -2.1), translate_geometry(geometry, 40.9, 3.7)]
    keyframes = [Keyframe(frame=4 * at, geometry=one, outside=at == 1) for at, one in enumerate(given)]

    found = list(interpolate_shapes(keyframes, 0, 9))

    assert [shape.frame for shape in found] == [0, 1, 2, 3, 8, 9]
    assert [shape.geometry for shape in found if shape.is_key] == [given[0], given[2]]
    assert [shape.keyframe for shape in found] == [0, 0, 0, 0, 2, 2]


angles = st.floats(-180, 180)


@given(angles, angles, st.integers(1, 50))
def test_angles_are_interpolated_along_the_short_arc(begin: float, end: float, frames: int) -> None:
    left, right = (types.Rpy(x=0, y=0, angles=types.Angles(yaw=yaw)) for yaw in (begin, end))

    found = interpolate_shapes([Keyframe(frame=0, geometry=left), Keyframe(frame=frames, geometry=right)], 0, frames)

    yaws = np.array([shape.geometry.angles.yaw for shape in found if isinstance(shape.geometry, types.Rpy)])
    steps = (np.diff(yaws) + 180) % 360 - 180
    assert np.abs(yaws).max() <= 180
    assert np.abs(steps).sum() <= 180 + 1e-9
    assert steps == pytest.approx(steps[0], abs=1e-9)


@every_kind
def test_different_kinds_keep_the_left_shape(geometry: types.Geometry) -> None:
    other = types.Circle(cx=0, cy=0, r=1) if geometry.kind != "circle" else types.ImageTag()
    keyframes = [Keyframe(frame=0, geometry=geometry), Keyframe(frame=2, geometry=other)]

    assert geometry_at(keyframes, 1) == geometry


def test_attributes_apply_until_a_later_keyframe_sets_them() -> None:
    whole = types.ImageTag()
    keyframes = [
        Keyframe(frame=0, geometry=whole, attributes={"light": "red"}),
        Keyframe(frame=5, geometry=whole),
        Keyframe(frame=9, geometry=whole, attributes={"light": "green", "dirty": True}),
    ]

    assert [attributes_at(keyframes, frame) for frame in (0, 8, 9)] == effective_attributes(keyframes)
    assert effective_attributes(keyframes)[1:] == [{"light": "red"}, {"light": "green", "dirty": True}]
    assert attributes_at(keyframes[1:], 3) == {}


keys = st.tuples(st.integers(0, 30), st.floats(0, 100), st.floats(0, 720), st.booleans())
tracks_of_boxes = st.lists(st.lists(keys, min_size=1, unique_by=lambda row: row[0]), max_size=4)


def key(row: tuple[int, float, float, bool]) -> Keyframe:
    frame, x, rotation, outside = row
    return Keyframe(frame=frame, geometry=types.Box(x1=x, y1=0, x2=x + 5, y2=5, rotation=rotation), outside=outside)


@given(tracks_of_boxes, st.integers(0, 20), st.integers(0, 20))
def test_vectorized_boxes_equal_shapes(
    rows_of_tracks: list[list[tuple[int, float, float, bool]]], first: int, more: int
) -> None:
    tracks = [[key(row) for row in sorted(track)] for track in rows_of_tracks]
    arrays = Tracks.of(tracks)

    found = list(visible_shapes(tracks, first, first + more))

    expected = visible_boxes(arrays, first, first + more)
    owners = arrays.track[expected.keyframe].tolist()
    assert [(shape.frame, track) for track, shape in found] == list(zip(expected.frames, owners, strict=True))
    for at, (track, shape) in enumerate(found):
        assert isinstance(shape.geometry, types.Box)
        row = [getattr(shape.geometry, name) for name in ("x1", "y1", "x2", "y2", "rotation")]
        assert row == pytest.approx(expected.boxes_xyxyr[at].tolist(), abs=1e-9)
        assert shape.keyframe + arrays.starts[track] == expected.keyframe[at]
        assert shape.is_key == expected.is_key[at]


def test_a_distant_frame_is_computed_directly() -> None:
    keyframes = [
        Keyframe(frame=frame, geometry=types.Box(x1=frame, y1=0, x2=5, y2=5)) for frame in range(0, 99_999_000, 9_999)
    ]

    shape = shape_at(keyframes, 99_989_999)

    assert shape is not None
    assert list(visible_shapes([keyframes], 99_989_999, 99_989_999)) == [(0, shape)]
