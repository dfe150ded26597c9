"""LabelMe JSON: everything the format supports survives export and import; files of labelme are imported."""

import json
import re
from base64 import b64encode
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given

from common.contract.labels import ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import Bitmap, Box, Circle, ImageTag, Line, Part, Points, Polygon, Polyline
from tests.export.formats.skipped import assert_skipped
from tests.export.made import dataset, keyframe, labeled, medium, shape_object
from tests.export.parsing.alike import Row, row
from tests.export.parsing.made_archives import objects, opened, packed, read, targets, written
from tests.export.parsing.returned import assert_rows_return
from tests.export.strategies import FRAMES, projects

NAME = "LabelMe JSON"
MEDIA = [
    medium("m1", "a.mp4", FRAMES, width=64, height=48),
    medium("m2", "dir/b c.mp4", FRAMES, width=64, height=48),
    medium("i1", "c.jpg", width=64, height=48),
]
RING: list[Any] = [(10, 10), (60, 10), (60, 50)]


def rows(files: dict[str, bytes]) -> list[Row]:
    """The objects of every frame, without their numbers."""
    result = []
    for name, content in files.items():
        document = json.loads(re.sub(rb"-0\.0(?=[,\]}\s])", b"0.0", content))
        pieces: dict[Any, list[str]] = {}
        for number, shape in enumerate(document.pop("shapes")):
            group = shape.pop("group_id")
            if shape["shape_type"] == "rectangle":
                shape["points"] = [[f(each) for each in zip(*shape["points"], strict=True)] for f in (min, max)]
            pieces.setdefault(number if group is None else ("group", group), []).append(
                json.dumps(shape, sort_keys=True)
            )
        result += [row([name, sorted(piece)]) for piece in pieces.values()]
        result.append(row([name, document]))
    return result


@given(projects(reach=500, most=4))
def test_a_project_survives_export_and_import_frame_by_frame(states: list[ObjectState]) -> None:
    assert_rows_return(NAME, MEDIA, states, rows)


def test_tracks_parts_and_attributes_survive_a_round_trip() -> None:
    parts = Polygon(parts=[Part(outer=RING), Part(outer=[(1, 1), (5, 1), (5, 5)])])
    states = [
        labeled(
            "o1",
            keyframe(1, 1, 2, 30, 40, occluded=True),
            keyframe(3, 5, 2, 34, 40, attributes={"truncated-1": "Yes"}),
            keyframe(5, outside=True),
            type="car-1",
            attributes={"doors-1": 4.0, "number": "4", "lit": True},
        ),
        shape_object("o2", parts, media_id="i1"),
        shape_object("o3", ImageTag(), media_id="m2", frame=4),
        shape_object("o4", Bitmap(x=3, y=4, width=3, height=2, runs=[1, 5]), media_id="i1"),
    ]

    imported = objects(read(NAME, written(NAME, dataset(MEDIA, states)), targets(MEDIA)))

    by_kind = {entry.kind: entry for entry in imported}
    track = by_kind["bbox"]
    assert (track.category, track.type, track.attributes) == (
        "Vehicle",
        "Car",
        {"Doors": 4.0, "number": "4", "lit": True},
    )
    assert [(key.frame, key.outside, key.occluded, key.attributes) for key in track.keyframes] == [
        (1, False, True, {}),
        (2, False, True, {}),
        (3, False, False, {"Truncated": "Yes"}),
        (4, False, False, {}),
        (5, True, False, {}),
    ]
    assert by_kind["polygon"].keyframes[0].geometry == parts
    assert by_kind["polygon"].group is None
    assert [(key.frame, key.outside) for key in by_kind["label"].keyframes] == [(4, False)]
    assert by_kind["bitmap"].keyframes[0].geometry == states[3].keyframes[0].geometry
    assert len(imported) == 4


def shape(kind: Any, *points: Any, **more: Any) -> dict[str, Any]:
    return {"label": "car", "points": points, "group_id": None, "shape_type": kind, "flags": {}} | more


def single(*shapes: Any, name: str = "x.json", **more: Any) -> list[Any]:
    document: dict[str, Any] = {
        "version": "5.5.0",
        "flags": {},
        "shapes": shapes,
        "imagePath": "..\\pictures\\c.jpg",
        "imageData": None,
    }
    return read(NAME, opened(json.dumps(document | more).encode(), name), targets(MEDIA))


@pytest.mark.parametrize(
    ("row", "geometry"),
    [
        (shape("rectangle", (30, 40), (1, 2)), Box(x1=1, y1=2, x2=30, y2=40)),
        (shape("rectangle", (1, 2), (30, 2), (30, 40), (1, 40)), Box(x1=1, y1=2, x2=30, y2=40)),
        (shape("circle", (10, 10), (13, 14)), Circle(cx=10, cy=10, r=5)),
        (shape("line", (1, 2), (3, 4)), Line(x1=1, y1=2, x2=3, y2=4)),
        (shape("linestrip", (1, 2), (3, 4)), Polyline(points=[(1, 2), (3, 4)])),
        (shape("point", (1, 2)), Points(points=[(1, 2)])),
        (shape("points", (1, 2), (3, 4)), Points(points=[(1, 2), (3, 4)])),
        (shape("polygon", *RING), Polygon(parts=[Part(outer=RING)])),
        ({"label": "car", "points": RING}, Polygon(parts=[Part(outer=RING)])),
    ],
)
def test_every_shape_of_labelme_is_read(row: Any, geometry: Any) -> None:
    (imported,) = single(row)

    assert (imported.media_id, imported.category) == ("i1", "car")
    assert imported.keyframes[0].geometry == geometry


def test_a_mask_of_labelme_is_read() -> None:
    content = cv2.imencode(".png", np.array([[0, 1], [1, 1]], np.uint8))[1].tobytes()

    (imported,) = single(shape("mask", (5, 6), (6, 7), mask=b64encode(content).decode()))

    assert imported.keyframes[0].geometry == Bitmap(x=5, y=6, width=2, height=2, runs=[1, 3])


def test_shapes_of_a_group_are_an_object_or_grouped_objects() -> None:
    outline, box, other = single(
        shape("polygon", *RING, group_id=1),
        shape("rectangle", (1, 2), (3, 4), group_id=1, description="seen twice", flags={"lit": True}),
        shape("polygon", *RING, group_id=1),
        shape("point", (1, 2), group_id=2),
        flags={"night": False},
    )

    assert len(outline.keyframes[0].geometry.parts) == 2
    assert outline.group == box.group is not None
    assert box.attributes == {"description": "seen twice", "lit": True}
    assert other.group is None


def test_flags_are_image_labels_and_files_are_matched_by_name() -> None:
    (imported,) = single(name="c.json", flags={"night": True, "rain": False, "fog": None}, imagePath="other.png")

    assert (imported.media_id, imported.category, imported.kind) == ("i1", "night", "label")


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (shape("polygon", (1, 2)), "points_too_few"),
        (shape("star", *RING), "shape_unsupported"),
        (shape("polygon", *RING, label=None) | {"label": "x" * 300}, "string_too_long"),
        ({"points": RING}, "field_missing"),
        ({"label": "x"}, "field_missing"),
        (shape("polygon", (1, 2), (3, 4), (5,)), "row_malformed"),
        (shape("polygon", (1, 2), (3, 4), (5, "x")), "not_a_number"),
        (shape("mask", (1, 2), (3, 4)), "field_missing"),
        (shape("mask", (1, 2), (3, 4), mask="?"), "row_malformed"),
        (shape("mask", (1, 2), (3, 4), mask=b64encode(b"no picture").decode()), "mask_not_png"),
        (shape(["x"], *RING), "row_malformed"),
        (7, "row_malformed"),
    ],
)
def test_a_malformed_shape_is_skipped_with_a_reason(broken: Any, code: str) -> None:
    entries = single(broken, shape("polygon", *RING))

    assert_skipped(entries, "x.json, shape 1", code)
    assert len(objects(entries)) == 1


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"shapes": 7}', b'{"shapes": [], "flags": [1]}'])
def test_a_file_of_another_format_is_reported(content: bytes) -> None:
    (skipped,) = read(NAME, opened(packed({"c.json": content})), targets(MEDIA))

    assert isinstance(skipped, SkippedRow)
    assert skipped.reason.code == "not_this_format"


def test_images_without_a_match_are_reported_once() -> None:
    (skipped,) = single(shape("polygon", *RING), shape("point", (1, 2)), imagePath="gone.jpg")

    assert (skipped.where, skipped.reason.code, skipped.count) == ("x.json", "no_such_file", 2)
