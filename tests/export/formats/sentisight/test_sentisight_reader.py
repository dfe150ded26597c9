"""SentiSight JSON and CSV survive export and import image by image."""

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given

from common.contract.labels import Keyframe, ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import Angles, Box, Geometry, ImageTag, Keypoint, Part, Points, Polygon, Polyline, Rpy
from export.formats.registry import READERS
from tests.export.formats.skipped import assert_skipped
from tests.export.made import keyframe, labeled, medium, shape_object
from tests.export.parsing.made_archives import objects, opened, packed, read, reasons, targets
from tests.export.parsing.returned import returned
from tests.export.strategies import FRAMES, projects

JSON, CSV = "SentiSight JSON", "SentiSight CSV"
SMALL = {"width": 64, "height": 48}
MEDIA = [medium("m1", "a.mp4", FRAMES, **SMALL), medium("m2", "d ü/-b.mp4", FRAMES, **SMALL), medium("i1", "=c.jpg")]
LISTS = ("boundingBoxes", "polygons", "polylines", "points", "rpyObjects")


def images(files: dict[str, bytes]) -> list[Any]:
    """The content of each image in any order, and the default labels of each medium."""
    result = json.loads(files["labels.json"])
    content = []
    for item in result:
        labels = sorted(item["classificationLabels"])
        shapes = [sorted(json.dumps(shape, sort_keys=True) for shape in item[kind]) for kind in LISTS]
        content.append((item["name"], labels, shapes))
    defaults = {(item["name"].rpartition("/")[0], item["defaultLabel"]) for item in result if item["defaultLabel"]}
    return [*sorted(content), sorted(defaults)]


@given(projects(reach=500, most=4))
def test_a_project_survives_export_and_import(states: list[ObjectState]) -> None:
    round_trip = returned(JSON, MEDIA, states, ())

    assert not round_trip.skipped
    assert images(round_trip.after) == images(round_trip.before)


def lines(files: dict[str, bytes]) -> list[list[str]]:
    """Each image with its labels; the first label of an image stays first."""
    result = csv.reader(io.StringIO(files["labels.csv"].decode(), newline=""))
    return sorted(
        [name, *labels[:1], *sorted(labels[1:])] if "c.jpg" in name else [name, *sorted(labels)]
        for name, *labels in result
    )


@given(projects(reach=500, most=4))
def test_every_label_survives_a_round_trip(states: list[ObjectState]) -> None:
    round_trip = returned(CSV, MEDIA, [state for state in states if state.annotation_type == "label"], ())

    assert not round_trip.skipped
    assert lines(round_trip.after) == lines(round_trip.before)


RING = [(1.0, 1.0), (9.5, 1.0), (9.0, 9.0)]


@pytest.mark.parametrize(
    "shape",
    [
        Polygon(parts=[Part(outer=RING, holes=[RING]), Part(outer=RING)]),
        Polyline(points=RING),
        Points(points=RING[:1]),
        Rpy(x=1, y=2.5, angles=Angles(roll=1, pitch=-2, yaw=170)),
        ImageTag(),
    ],
)
def test_every_kind_of_shape_survives_a_round_trip(shape: Geometry) -> None:
    (imported,) = returned(JSON, MEDIA, [shape_object("o1", shape, media_id="i1")]).objects

    assert [key.geometry for key in imported.keyframes] == [shape]


def test_a_box_keeps_all_its_properties() -> None:
    nose = Keypoint(name="nose", x=9, y=8, visible=False)
    box = Box(x1=1, y1=2, x2=30, y2=40)
    given = Keyframe(frame=2, geometry=box, occluded=True, keypoints=[nose], rpy=Angles(pitch=10))
    state = labeled("o1", given, keyframe(3, outside=True), type="car-1", attributes={"doors-1": 4.0, "lit": True})

    (imported,) = returned(JSON, MEDIA, [state]).objects

    assert (imported.category, imported.type, imported.attributes) == ("Vehicle", "Car", {"Doors": 4.0, "lit": True})
    seen, gone = imported.keyframes
    assert seen.model_copy(update={"source": "manual"}) == given
    assert (gone.frame, gone.outside) == (3, True)


def label_spans(name: str, *states: ObjectState) -> list[tuple[str, bool, list[tuple[int, bool]]]]:
    imported = returned(name, MEDIA, states).objects
    return sorted(
        (entry.category, entry.default, [(key.frame, key.outside) for key in entry.keyframes]) for entry in imported
    )


@pytest.mark.parametrize("name", [JSON, CSV])
def test_labels_keep_their_frames_and_default(name: str) -> None:
    span = [Keyframe(frame=5, geometry=ImageTag()), Keyframe(frame=9, geometry=ImageTag(), outside=True)]
    night = labeled("o1", *span, annotation_type="label", category="night", preferred_at=5.0)
    city = labeled("o2", Keyframe(frame=0, geometry=ImageTag()), annotation_type="label", category="city")
    cat = [
        shape_object(f"o{number}", ImageTag(), media_id="i1", category=name)
        for number, name in ((3, "-cat"), (4, "pet"))
    ]

    assert label_spans(name, night, city, *cat) == [
        ("-cat", True, [(0, False)]),
        ("city", False, [(0, False)]),
        ("night", True, [(5, False), (8, False), (9, True)]),
        ("pet", False, [(0, False)]),
    ]


def item(**more: Any) -> dict[str, Any]:
    return {"name": "=c.jpg", "classificationLabels": ["pet"]} | more


def single(*items: Any) -> list[Any]:
    return read(JSON, opened(json.dumps(items).encode(), "labels.json"), targets(MEDIA))


BOX = {"label": "cat", "x0": 1, "y0": 2, "x1": 30, "y1": 40}


def test_a_single_file_without_optional_fields_is_read() -> None:
    label, box = single(item(boundingBoxes=[BOX], polygons=None))

    assert (label.category, label.default, label.kind) == ("pet", True, "label")
    assert box.keyframes[0].geometry == Box(x1=1, y1=2, x2=30, y2=40)


@pytest.mark.parametrize(
    ("broken", "where", "code"),
    [
        (7, "", "row_malformed"),
        ({}, "", "field_missing"),
        ({"name": 7}, "", "field_not_text"),
        (item(classificationLabels=[""]), ", classificationLabels 1", "field_not_text"),
        (item(classificationLabels="pet"), "", "field_not_list"),
        (item(boundingBoxes=[BOX | {"x0": "wide"}]), ", boundingBoxes 1", "float_parsing"),
        (item(boundingBoxes=[BOX | {"x0": None}]), ", boundingBoxes 1", "float_type"),
        (item(boundingBoxes=[BOX | {"label": None}]), ", boundingBoxes 1", "field_not_text"),
        (item(boundingBoxes=[BOX | {"keypoints": [{"name": "nose"}]}]), ", boundingBoxes 1", "missing"),
        (item(boundingBoxes=[BOX | {"rpy": [1]}]), ", boundingBoxes 1", "row_malformed"),
        (item(boundingBoxes=["cat"]), ", boundingBoxes 1", "row_malformed"),
        (item(polygons=[{"label": "cat"}]), ", polygons 1", "field_missing"),
        (item(polygons=[{"label": "cat", "parts": []}]), ", polygons 1", "points_missing"),
        (item(polylines=[{"label": "cat", "points": [[1]]}]), ", polylines 1", "missing"),
        (item(points=[{"label": "cat", "x": 1}]), ", points 1", "field_missing"),
        (
            item(rpyObjects=[{"label": "cat", "x": 1, "y": 2, "yaw": "left"}]),
            ", rpyObjects 1",
            "not_a_number",
        ),
    ],
)
def test_a_malformed_item_is_skipped_with_a_reason(broken: Any, where: str, code: str) -> None:
    entries = single(broken, item(boundingBoxes=[BOX]))

    assert_skipped(entries, f"labels.json, image 1{where}", code)
    assert [imported.kind for imported in objects(entries) if "image 2" in imported.where][-1:] == ["bbox"]


@pytest.mark.parametrize(
    ("content", "code"), [(b"{", "invalid_json"), (b"{}", "not_this_format"), (b"7", "not_this_format")]
)
def test_a_file_of_another_format_is_reported(content: bytes, code: str) -> None:
    (skipped,) = read(JSON, opened(packed({"labels.json": content})), targets(MEDIA))

    assert isinstance(skipped, SkippedRow)
    assert skipped.reason.code == code


def table(text: str) -> list[Any]:
    bundle = opened(text.encode(), "labels.csv")
    assert READERS[CSV].detect(bundle) > 0.5
    return read(CSV, bundle, targets(MEDIA))


def test_a_table_that_a_spreadsheet_wrote_is_read() -> None:
    result = table("\ufeff\t=c.jpg;pet;\t-cat;\r\na/frame_000003.png;;;\r\n")

    assert [(entry.media_id, entry.category, entry.default) for entry in result] == [
        ("i1", "pet", True),
        ("i1", "-cat", False),
    ]


def test_images_without_a_match_and_malformed_labels_are_reported_once() -> None:
    result = table(f"gone.jpg,cat,pet\ngone.jpg,cat\n=c.jpg,{'x' * 201},cat\n")

    assert reasons(result) == [
        ("labels.csv, row 3, category", "string_too_long", 1),
        ("gone.jpg", "no_such_file", 3),
    ]
    assert [imported.category for imported in objects(result)] == ["cat"]


@pytest.mark.parametrize("text", ["1,2,3,4\n", "a.jpg,1,2,3,4\n", "ImageID,Source\na.jpg,x\n", "\n", "none"])
def test_other_tables_are_none(text: str) -> None:
    assert READERS[CSV].detect(opened(text.encode(), "some.csv")) == 0
