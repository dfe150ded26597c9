"""Parquet survives export and import row by row; tables of other programs are imported too."""

import io
import json
from collections import Counter
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
from hypothesis import given
from pyarrow import parquet

from common.contract.labels import Behavior, Keyframe, ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import Angles, Bitmap, Box, Keypoint, Part, Polygon
from export.formats.registry import READERS
from tests.export.formats.skipped import assert_skipped
from tests.export.made import keyframe, labeled, medium, shape_object
from tests.export.parsing.made_archives import objects, opened, packed, read, reasons, targets
from tests.export.parsing.returned import returned
from tests.export.strategies import FRAMES, projects

NAME = "Parquet"
SMALL = {"width": 64, "height": 48}
MEDIA = [medium("m1", "a.mp4", FRAMES, **SMALL), medium("m2", "d ü/-b.mp4", FRAMES, **SMALL), medium("i1", "=c.jpg")]
IGNORED = ("object_id", "track", "is_key")
GEOMETRY = ("x1", "y1", "x2", "y2", "rotation", "geometry", "keypoints", "angles")


class Rows(NamedTuple):
    """The rows of a table without object numbers and ids, and the rows of keyframes with their geometry. Interpolated
    geometry follows from these; the last frame before an object leaves the view becomes a keyframe."""

    rows: Counter[str]
    keys: Counter[str]


def rows(files: dict[str, bytes]) -> Rows:
    result = Rows(Counter(), Counter())
    for row in parquet.read_table(io.BytesIO(files["shapes.parquet"])).to_pylist():
        geometry = [row[name] for name in GEOMETRY]
        attributes = {name: value for name, value in row.items() if name not in (*IGNORED, *GEOMETRY)}
        attributes["attributes"] = sorted(json.loads(row["attributes"] or "{}").items())
        words = json.dumps(attributes, sort_keys=True)
        result.rows[words] += 1
        result.keys[f"{words} {geometry}"] += row["is_key"]
    return result


@given(projects(reach=500, most=4))
def test_a_project_survives_export_and_import(states: list[ObjectState]) -> None:
    round_trip = returned(NAME, MEDIA, states, ())
    before, after = rows(round_trip.before), rows(round_trip.after)

    assert not round_trip.skipped
    assert before.rows == after.rows
    assert before.keys <= after.keys


def test_an_object_keeps_all_its_properties() -> None:
    nose = Keypoint(name="nose", x=9, y=8, visible=False)
    box = Box(x1=1.123456789, y1=2, x2=30, y2=40, rotation=12.5)
    more: dict[str, Any] = {"keypoints": [nose], "rpy": Angles(pitch=10), "source": "quick", "score": 0.5}
    first = Keyframe(frame=0, geometry=box, occluded=True, attributes={"truncated-1": "No"}, **more)
    state = labeled(
        "o1",
        first,
        keyframe(5, outside=True),
        type="car-1",
        attributes={"doors-1": 4.0, "lit": True, "note": "4.0"},
        behaviors=[Behavior(id="b1", name="turn-1", attribute=None, first=7, last=9)],
        source="model",
        run_id="run-1",
        model="yolox 1",
        group="g-1",
        z_order=-2,
        done=True,
    )

    (imported,) = returned(NAME, MEDIA, [state]).objects

    kept = {"mission": "Object Detection", "category": "Vehicle", "type": "Car", "uid": "o1"}
    kept |= state.model_dump(include={"media_id", "source", "run_id", "model", "group", "z_order", "done"})
    assert imported.model_dump(include=set(kept)) == kept
    assert imported.attributes == {"Doors": 4.0, "lit": True, "note": "4.0", "Truncated": "No"}
    assert imported.keyframes[0] == first.model_copy(update={"attributes": {}})
    assert [(key.frame, key.outside) for key in imported.keyframes] == [(0, False), (4, False), (5, True)]
    assert [(behavior.name, behavior.attribute, behavior.first, behavior.last) for behavior in imported.behaviors] == [
        ("Turn", None, 7, 9)
    ]


@pytest.mark.parametrize(
    "shape",
    [Bitmap(x=1, y=2, width=4, height=2, runs=[0, 8]), Polygon(parts=[Part(outer=[(0.1, 0), (1, 0), (1, 1 / 3)])])],
)
def test_shapes_survive_exactly(shape: Bitmap | Polygon) -> None:
    (imported,) = returned(NAME, MEDIA, [shape_object("o1", shape, media_id="i1")]).objects

    assert [key.geometry for key in imported.keyframes] == [shape]


def table(*listed: dict[str, Any], **options: Any) -> bytes:
    made = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(list(listed)), made, **options)
    return made.getvalue()


CAR = {"file": "=c.jpg", "category": "car", "x1": 1.0, "y1": 2.0, "x2": 3.0, "y2": 4.0}


def test_a_single_table_of_few_columns_is_read() -> None:
    bundle = opened(table(CAR, compression="snappy"), "cars.parquet")

    (imported,) = objects(read(NAME, bundle, targets(MEDIA)))

    assert READERS[NAME].detect(bundle) > 0.5
    assert (imported.media_id, imported.category, imported.source, imported.uid) == ("i1", "car", "import", None)
    assert imported.keyframes[0].geometry == Box(x1=1, y1=2, x2=3, y2=4)


def test_rows_in_any_order_and_in_many_groups_are_the_same_objects() -> None:
    listed = [CAR | {"file": file, "frame": frame, "track": 7} for frame in (2, 0, 1) for file in ("a.mp4", "-b.mp4")]

    imported = objects(read(NAME, opened(table(*listed, row_group_size=1), "cars.parquet"), targets(MEDIA)))

    assert [[key.frame for key in entry.keyframes] for entry in imported] == [[0, 1, 2, 3]] * 2


def test_in_another_project_a_medium_is_matched_by_name() -> None:
    before = returned(NAME, MEDIA, [labeled()]).before

    (imported,) = objects(read(NAME, opened(packed(before)), targets(MEDIA, "-x")))

    assert (imported.media_id, imported.uid) == ("m1-x", None)


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (CAR | {"category": None}, "field_missing"),
        (CAR | {"file": "a.mp4", "frame": 30}, "no_such_frame"),
        (CAR | {"file": "a.mp4", "frame": -1}, "no_such_frame"),
        (CAR | {"x1": None}, "float_type"),
        (CAR | {"x1": float("nan")}, "finite_number"),
        (CAR | {"score": 7.0}, "score_out_of_range"),
        (CAR | {"annotation_type": "mesh"}, "shape_unsupported"),
        (CAR | {"geometry": "{"}, "row_malformed"),
        (CAR | {"annotation_type": "polygon", "geometry": "{}"}, "field_missing"),
        (CAR | {"attributes": "{"}, "row_malformed"),
        (CAR | {"keypoints": "7"}, "row_malformed"),
        (CAR | {"angles": '{"roll": "x"}'}, "float_parsing"),
        (CAR | {"behaviors": "[{}]"}, "field_missing"),
    ],
)
def test_a_malformed_row_is_skipped_with_a_reason(broken: dict[str, Any], code: str) -> None:
    entries = read(NAME, opened(table(broken, dict.fromkeys(broken) | CAR), "cars.parquet"), targets(MEDIA))

    assert_skipped(entries, "cars.parquet, row 1", code)
    assert len(objects(entries)) == 1


def test_a_file_that_is_not_there_is_reported_once() -> None:
    gone = CAR | {"file": "gone.jpg"}

    entries = read(NAME, opened(table(gone, gone, CAR), "cars.parquet"), targets(MEDIA))

    assert reasons(entries) == [("cars.parquet, file gone.jpg", "no_such_file", 2)]
    assert len(objects(entries)) == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PAR1", "parquet_invalid"),
        (b"PAR1" * 9, "parquet_invalid"),
        (table({"a": 1}), "columns_missing"),
        (table(CAR)[:-20], "parquet_invalid"),
        (table(CAR)[20:], "parquet_damaged"),
    ],
)
def test_a_file_of_another_format_is_reported(content: bytes, code: str) -> None:
    (skipped,) = read(NAME, opened(packed({"shapes.parquet": content})), targets(MEDIA))

    assert isinstance(skipped, SkippedRow)
    assert skipped.reason.code == code
