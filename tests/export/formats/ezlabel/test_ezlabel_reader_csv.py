"""ezLabel CSV survives export and import row by row; tables written by hand are imported too."""

import csv
import io

import pytest
from hypothesis import given

from common.contract.labels import Behavior, Keyframe, ObjectState
from common.geometry import types
from common.geometry.bounds import bounds
from export.formats.registry import READERS
from export.parsing.imported_object import ImportedObject
from export.parsing.reader import Parsed
from tests.export.formats.skipped import assert_skipped
from tests.export.made import keyframe, labeled, medium, shape_object
from tests.export.parsing import alike
from tests.export.parsing.made_archives import objects, opened, packed, read, reasons, targets
from tests.export.parsing.returned import returned
from tests.export.strategies import FRAMES, projects

NAME = "ezLabel CSV"
SMALL = {"width": 64, "height": 48}
BEHAVIORS = ("behavior_type", "behavior_attribute", "behavior_first", "behavior_last")
MEDIA = [medium("m1", "a.mp4", FRAMES, **SMALL), medium("m2", "d ü/-b.mp4", FRAMES, **SMALL), medium("i1", "=c.jpg")]


def rows(files: dict[str, bytes]) -> list[alike.Row]:
    """The rows of the table without object numbers, order of behaviors and keyframe marks. Interpolated geometry
    follows from them: a rotation by about half a turn may go either way."""
    result = []
    for row in csv.DictReader(io.StringIO(files["annotations.csv"].decode(), newline="")):
        numbers = [float(row.pop(side) or 0) for side in ("xmin", "ymin", "xmax", "ymax")]
        if row["annotation_type"] == "BoundingBox" and not row["points"]:
            x1, y1, x2, y2 = numbers
            row["points"] = f"{x1} {y1};{x2} {y1};{x2} {y2};{x1} {y2}"
        points = row.pop("points").strip("\t").replace("!", "").replace("|", ";").replace(";", " ").split()
        is_key = row.pop("is_key") == "1" and row["source"] != "interpolated" and row["annotation_type"] != "Label"
        row["attributes"] = str(sorted(row["attributes"].lstrip("\t").split(";")))
        del row["object_id"]
        behaviors = [sorted(row.pop(name).lstrip("\t").split(";")) for name in BEHAVIORS]
        numbers += map(float, points)
        result.append(alike.row([row, behaviors], numbers if is_key else ()))
    return result


@given(projects(reach=500, most=4))
def test_a_project_survives_export_and_import(states: list[ObjectState]) -> None:
    round_trip = returned(NAME, MEDIA, states, ())

    assert not round_trip.skipped
    assert not alike.differences(rows(round_trip.before), rows(round_trip.after))


def test_a_track_keeps_all_its_properties() -> None:
    turning = Behavior(id="b1", name="turn-1", attribute="=Left;\\", first=1, last=2)
    later = Behavior(id="b2", name="turn-1", attribute=None, first=2, last=9)
    car = labeled(
        "o1",
        keyframe(0, 0.25, 0, 10, 10, attributes={"truncated-1": "No"}, source="quick", score=0.5),
        keyframe(4, 4.25, 0, 14, 10, outside=True),
        keyframe(6, 0, 0, 10, 10, 30, attributes={"truncated-1": "Yes"}, occluded=True),
        keyframe(9, 0, 0, 10, 10, outside=True),
        type="car-1",
        attributes={"doors-1": 4.0, "a=b;c\\": True, "note": "4.0", "-": "\t-"},
        behaviors=[turning, later],
    )

    (imported,) = returned(NAME, MEDIA, [car]).objects

    assert (imported.media_id, imported.mission, imported.category, imported.type) == (
        "m1",
        "Object Detection",
        "Vehicle",
        "Car",
    )
    assert imported.attributes == {"Doors": 4.0, "a=b;c\\": True, "note": "4.0", "-": "\t-"}
    states = [(key.frame, key.outside, key.source, key.score, key.occluded) for key in imported.keyframes]
    assert states == [
        (0, False, "quick", 0.5, False),
        (3, False, "interpolated", 0.5, False),
        (4, True, "import", None, False),
        (6, False, "manual", None, True),
        (8, False, "interpolated", None, True),
        (9, True, "import", None, False),
    ]
    assert [key.attributes for key in imported.keyframes[::3]] == [{"Truncated": "No"}, {"Truncated": "Yes"}]
    assert imported.keyframes[1].geometry == types.Box(x1=3.25, y1=0, x2=13, y2=10)
    assert imported.keyframes[3].geometry == types.Box(x1=0, y1=0, x2=10, y2=10, rotation=30)
    assert [(behavior.name, behavior.attribute, behavior.first, behavior.last) for behavior in imported.behaviors] == [
        ("Turn", "=Left;\\", 1, 2),
        ("Turn", None, 2, 9),
    ]


RING = [(-1.0, 1.0), (9.5, 1.0), (9.0, 9.0)]


@pytest.mark.parametrize(
    "shape",
    [
        types.Box(x1=10, y1=20, x2=40, y2=30, rotation=12.5),
        types.Polygon(parts=[types.Part(outer=RING, holes=[RING]), types.Part(outer=RING)]),
        types.Polyline(points=RING),
        types.Points(points=RING[:1]),
        types.Circle(cx=-5, cy=5, r=2.5),
        types.Ellipse(cx=5, cy=5, rx=8, ry=3.25, rotation=200),
        types.Ellipse(cx=5, cy=5, rx=1, ry=30, rotation=350.5),
        types.Line(x1=1, y1=2, x2=3, y2=4.5),
        types.ImageTag(),
    ],
)
def test_every_kind_of_shape_survives_a_round_trip(shape: types.Geometry) -> None:
    (imported,) = returned(NAME, MEDIA, [shape_object("o1", shape, media_id="i1")]).objects

    assert [key.geometry for key in imported.keyframes] == [shape]


def test_the_contour_of_a_bitmap_stays_where_it_is_until_the_next_keyframe() -> None:
    spots = [Keyframe(frame=at, geometry=types.Bitmap(x=at, y=0, width=1, height=1, runs=[0, 1])) for at in (0, 10)]

    (imported,) = returned(NAME, MEDIA, [labeled("o1", *spots, annotation_type="bitmap")]).objects

    at = [bounds(key.geometry) for key in imported.keyframes]
    assert [key.frame for key in imported.keyframes] == [0, 9, 10]
    assert at == [(0, 0, 1, 1), (0, 0, 1, 1), (10, 0, 11, 1)]


def test_objects_stay_visible_between_frames_that_are_not_exported() -> None:
    table = "file,frame,object_id,category,annotation_type,xmin,ymin,xmax,ymax\n"
    table += "".join(f"a.mp4,{frame},1,car,BoundingBox,1,2,3,4\n" for frame in (1, 6, 11, 21))

    (imported,) = single(table)

    assert isinstance(imported, ImportedObject)
    assert [(key.frame, key.outside) for key in imported.keyframes] == [
        (0, False),
        (5, False),
        (10, False),
        (15, True),
        (20, False),
        (25, True),
    ]


def single(table: str) -> list[Parsed]:
    return read(NAME, opened(table.encode(), "labels.csv"), targets(MEDIA))


def test_a_table_that_people_made_is_read() -> None:
    table = "\ufeffCategory;File;xmin;ymin;xmax;ymax\r\ncar;\t=c.jpg;1;2;3;4\r\n\r\nbus;dir/=c.jpg;1;2;3;4.5\r\n"

    car, bus = objects(single(table))

    assert [(each.media_id, each.category, each.mission) for each in (car, bus)] == [
        ("i1", "car", None),
        ("i1", "bus", None),
    ]
    assert bus.keyframes[0].geometry == types.Box(x1=1, y1=2, x2=3, y2=4.5)


def test_rows_in_any_order_are_the_same_objects() -> None:
    head = "file,frame,object_id,category,xmin,ymin,xmax,ymax\n"
    lines = [f"{file},{frame},7,car,1,2,3,4\n" for frame in (2, 1, 3) for file in ("a.mp4", "d ü/-b.mp4")]

    imported = objects(single(head + "".join(lines)))

    assert [[key.frame for key in entry.keyframes] for entry in imported] == [[0, 1, 2, 3]] * 2


HEAD = "file,frame,object_id,category,annotation_type,xmin,ymin,xmax,ymax,points,score,attributes"
HEAD += ",behavior_type,behavior_first"
GOOD = "a.mp4,2,1,car,BoundingBox,1,2,3,4,,,,,"


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ("a.mp4,0,1,car,BoundingBox,1,2,3,4,,,,,", "no_such_frame"),
        ("a.mp4,31,1,car,BoundingBox,1,2,3,4,,,,,", "no_such_frame"),
        ("a.mp4,one,1,car,BoundingBox,1,2,3,4,,,,,", "not_an_integer"),
        ("a.mp4,1,1,,BoundingBox,1,2,3,4,,,,,", "field_missing"),
        ("a.mp4", "field_missing"),
        ("a.mp4,1,1,car,BoundingBox,1,2,3,,,,,,", "box_incomplete"),
        ("a.mp4,1,1,car,BoundingBox,1,2,3,inf,,,,,", "finite_number"),
        ("a.mp4,1,1,car,Mesh,1,2,3,4,1 2;3 4,,,,", "annotation_type_unsupported"),
        ("a.mp4,1,1,car,Cuboid,1,2,3,4,1 2;3 4,,,,", "points_count_wrong"),
        ("a.mp4,1,1,car,PixelBased,1,2,3,4,1 2;3 4,,,,", "points_too_few"),
        ("a.mp4,1,1,car,PixelBased,1,2,3,4,!1 2;3 4;5 6,,,,", "hole_before_outline"),
        ("a.mp4,1,1,car,Line,1,2,3,4,1 2;3 4;5 6,,,,", "row_malformed"),
        ("a.mp4,1,1,car,Line,1,2,3,4,1 2|3 4,,,,", "point_lists_count_wrong"),
        ("a.mp4,1,1,car,BoundingBox,1,2,3,4,,7,,,", "score_out_of_range"),
        ("a.mp4,1,1,car,BoundingBox,1,2,3,4,,,nothing,,", "not_a_name_value_pair"),
        ("a.mp4,1,1,car,BoundingBox,1,2,3,4,,,,Turn,1", "not_an_integer"),
    ],
)
def test_a_malformed_row_is_skipped_with_a_reason(broken: str, code: str) -> None:
    entries = single(f"{HEAD}\n{broken}\n{GOOD}\n")

    assert_skipped(entries, "labels.csv, row 2", code)
    assert len(objects(entries)) == 1


def test_a_file_that_is_not_there_is_reported_once_and_a_table_of_something_else_too() -> None:
    gone = GOOD.replace("a.mp4", "gone.mp4")
    files = {"a.csv": f"{HEAD}\n{gone}\n{gone}\n{GOOD}\n".encode(), "b.csv": b"1,2\n3,4\n"}

    entries = read(NAME, opened(packed(files)), targets(MEDIA))

    assert reasons(entries) == [
        ("a.csv, file gone.mp4", "no_such_file", 2),
        ("b.csv", "columns_missing", 1),
    ]
    assert len(objects(entries)) == 1


def test_a_table_is_detected_by_its_first_line() -> None:
    detect = READERS[NAME].detect

    assert detect(opened(f"{HEAD}\n{GOOD}\n".encode(), "any.csv")) == 1
    assert detect(opened(b"c.jpg,cat,dog\n", "labels.csv")) == 0
