"""The committed cases, which also verify the browser's implementation."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.domain.shape_rows import box_rows, shape_rows
from annotation.domain.tracks import FOREVER, visible_spans
from common.contract.labels import Keyframe, ObjectState
from common.contract.questions import BoxRow, ShapeRow
from common.geometry.tracks import Tracks, track_spans, visible_boxes
from common.geometry.types import Polyline

CASES = json.loads((Path(__file__).parents[1] / "cases" / "interpolation.json").read_text())


def object_with(keyframes: list[Keyframe], **more: Any) -> ObjectState:
    return ObjectState(
        id="o1", project_id="p", media_id="m", mission="Object Detection", category="Vehicle", keyframes=keyframes,
        revision=1, author="u", **more,
    )  # fmt: skip


def read(rows: list[dict[str, Any]]) -> list[BoxRow]:
    return [BoxRow.model_validate(row) for row in rows]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_boxes_match_the_cases(case: dict[str, Any]) -> None:
    keyframes = [Keyframe.model_validate(keyframe) for keyframe in case["keyframes"]]

    rows = read(box_rows([object_with(keyframes)], 0, case["last_frame"]))

    found = [row for row in rows if row.frame == case["frame"]]
    if case["expected"] is None:
        assert found == []
    else:
        box = {name: getattr(found[0], name) for name in ("x1", "y1", "x2", "y2")}
        expected = dict(case["expected"])
        turned = expected.pop("rotation") - found[0].rotation
        assert box == pytest.approx(expected, abs=1e-6)
        # 0° and 360° are the same angle, also after rounding.
        assert turned == pytest.approx(0, abs=1e-6) or abs(turned) == pytest.approx(360, abs=1e-6)


def test_many_tracks_give_the_same_boxes_as_each_alone() -> None:
    tracks = [[Keyframe.model_validate(one) for one in case["keyframes"]] for case in CASES]

    together = visible_boxes(Tracks.of(tracks), 0, 99)

    owners = Tracks.of(tracks).track[together.keyframe]
    for index, track in enumerate(tracks):
        alone = visible_boxes(Tracks.of([track]), 0, 99)
        assert together.frames[owners == index].tolist() == alone.frames.tolist()
        assert together.boxes_xyxyr[owners == index].tolist() == alone.boxes_xyxyr.tolist()


def test_other_fields_are_those_of_the_previous_keyframe() -> None:
    box = {"kind": "bbox", "x1": 0, "y1": 0, "x2": 10, "y2": 10}
    left = Keyframe.model_validate({"frame": 0, "geometry": box, "occluded": True, "score": 0.5, "source": "model"})
    right = Keyframe.model_validate({"frame": 2, "geometry": box})

    rows = read(box_rows([object_with([left, right])], 0, 2))

    assert [(row.key, row.occluded, row.score, row.source) for row in rows] == [
        (True, True, 0.5, "model"),
        (False, True, 0.5, "interpolated"),
        (True, False, None, "manual"),
    ]


def at(frame: int, geometry: dict[str, Any], **more: Any) -> Keyframe:
    return Keyframe.model_validate({"frame": frame, "geometry": geometry} | more)


def test_every_kind_of_shape_has_a_bounding_box_in_object_order() -> None:
    circle = object_with([at(0, {"kind": "circle", "cx": 10, "cy": 20, "r": 5})], annotation_type="circle")
    whole = object_with([at(0, {"kind": "label"})], annotation_type="label")
    box = object_with([at(1, {"kind": "bbox", "x1": 1, "y1": 2, "x2": 3, "y2": 4, "rotation": 9})])

    rows = read(box_rows([circle, whole, box], 0, 1))

    around = (5.0, 15.0, 15.0, 25.0, 0.0)
    require_simple = (1.0, 2.0, 3.0, 4.0, 9.0)
    assert [(row.frame, (row.x1, row.y1, row.x2, row.y2, row.rotation), row.key) for row in rows] == [
        (0, around, True),
        (1, around, False),
        (1, require_simple, True),
    ]


def test_shapes_are_sorted_by_z_order_with_effective_attributes() -> None:
    line = {"kind": "polyline", "points": [[0, 0], [10, 0]]}
    near = object_with(
        [at(0, line, attributes={"Speed": "low"}), at(2, line), at(4, line, attributes={"Speed": "high"})],
        annotation_type="polyline", attributes={"Color": "red"}, z_order=5,
    )  # fmt: skip
    far = object_with([at(3, {"kind": "points", "points": [[1, 1]]})], annotation_type="points", z_order=-1)

    rows = [ShapeRow.model_validate(row) for row in shape_rows([near, far], 2, 4)]

    assert [(row.frame, row.geometry.kind, row.attributes.get("Speed"), row.key) for row in rows] == [
        (2, "polyline", "low", True),
        (3, "points", None, True),
        (3, "polyline", "low", False),
        (4, "points", None, False),
        (4, "polyline", "high", True),
    ]
    assert rows[0].attributes["Color"] == "red"
    assert rows[0].geometry == Polyline(points=[(0, 0), (10, 0)])


def test_no_objects_have_no_boxes() -> None:
    assert box_rows([], 0, 10) == []


@given(st.dictionaries(st.integers(0, 40), st.booleans(), min_size=1))
def test_spans_are_the_visible_frames(outside_by_frame: dict[int, bool]) -> None:
    box = {"kind": "bbox", "x1": 0, "y1": 0, "x2": 10, "y2": 10}
    track = [
        Keyframe.model_validate({"frame": frame, "geometry": box, "outside": outside})
        for frame, outside in sorted(outside_by_frame.items())
    ]

    found = [(first, 50 if last == FOREVER else last) for first, last in visible_spans(track)]

    assert found == track_spans(Tracks.of([track]), 51)[0]
