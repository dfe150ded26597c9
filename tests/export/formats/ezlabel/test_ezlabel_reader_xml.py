"""ezLabel XML survives export and import frame by frame; files of ezLabel itself are imported too."""

from typing import Any

import pytest
from defusedxml import ElementTree
from hypothesis import given

from common.contract.labels import Behavior, ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import Box, Part, Polygon
from export.formats.registry import READERS
from tests.export.made import keyframe, labeled, medium
from tests.export.parsing.made_archives import objects, opened, packed, read, reasons, targets
from tests.export.parsing.returned import Returned, returned
from tests.export.strategies import FRAMES, projects

NAME = "ezLabel XML"
SMALL = {"width": 64, "height": 48}
MEDIA = [medium("m1", "a.mp4", FRAMES, **SMALL), medium("m2", "d ü/b.mp4", FRAMES, **SMALL), medium("i1", "c.jpg")]


def rows(files: dict[str, bytes]) -> list[tuple[str, list[str]]]:
    """The objects of each file, without their numbers and the order of their behaviors."""
    return [(name, sorted(map(row, ElementTree.fromstring(content)))) for name, content in sorted(files.items())]


def row(element: Any) -> str:
    fields = [
        ElementTree.tostring(part, "unicode") for part in element if part.tag not in ("id", "behavior", "attribute")
    ]
    sorted_fields = sorted(
        ElementTree.tostring(part, "unicode") for part in element if part.tag in ("behavior", "attribute")
    )
    return "".join(fields + sorted_fields)


@given(projects(reach=500, most=4))
def test_a_project_survives_export_and_import(states: list[ObjectState]) -> None:
    round_trip = returned(NAME, MEDIA, states, ())

    assert not round_trip.skipped
    assert rows(round_trip.after) == rows(round_trip.before)


def test_a_track_keeps_all_its_properties() -> None:
    turning = Behavior(id="b1", name="turn-1", attribute="Left", first=1, last=2)
    later = Behavior(id="b2", name="turn-1", attribute=None, first=5, last=9)
    car = labeled(
        "o1",
        keyframe(0, 0.25, 0, 10, 10, attributes={"truncated-1": "No"}),
        keyframe(3, 3.25, 0, 13, 10, 30, outside=True),
        keyframe(5, 0, 0, 10, 10, attributes={"truncated-1": "Yes"}),
        keyframe(6, 0, 0, 10, 10, outside=True),
        type="car-1",
        attributes={"doors-1": 4.0, "lit": True, "note": "4.0"},
        behaviors=[turning, later],
    )

    (imported,) = returned(NAME, MEDIA, [car]).objects

    assert (imported.media_id, imported.category, imported.type) == ("m1", "Vehicle", "Car")
    assert imported.attributes == {"Doors": 4.0, "lit": True, "note": "4.0"}
    assert [(key.frame, key.outside, key.attributes.get("Truncated")) for key in imported.keyframes] == [
        (0, False, "No"),
        (1, False, None),
        (2, False, None),
        (3, True, None),
        (5, False, "Yes"),
        (6, True, None),
    ]
    assert imported.keyframes[0].geometry == Box(x1=0.25, y1=0, x2=10, y2=10)
    assert imported.keyframes[1].geometry == Box(x1=1.25, y1=0, x2=11, y2=10, rotation=10)
    assert [(behavior.name, behavior.attribute, behavior.first, behavior.last) for behavior in imported.behaviors] == [
        ("Turn", "Left", 1, 2),
        ("Turn", None, 5, 9),
    ]


def written_by_ezlabel(*contents: str, name: str = "a.mp4_00002", suffix: str = "jpg") -> bytes:
    """A file as ezLabel writes it, with one object per content."""
    image = f"All/{name[:-6]}/{name}.{suffix}"
    rows = "".join(f"<object>\r\n<filename>{image}</filename>\r\n{content}\r\n</object>\r\n" for content in contents)
    return f"\ufeff<?xml version='1.0'?>\r\n<annotation>\r\n{rows}</annotation>\r\n".encode()


BOX = "<bndbox><xmin>0</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax></bndbox>"
CAR = f"<name>vehicle</name>{BOX}"


def others(files: dict[str, bytes]) -> Returned:
    bundle = opened(packed(files))
    assert READERS[NAME].detect(bundle) > 0.9
    return Returned(files, {}, read(NAME, bundle, targets(MEDIA)))


def test_archives_of_ezlabel_are_imported() -> None:
    round_trip = others(
        {
            "data/a.mp4_00002.XML": written_by_ezlabel(CAR, CAR),
            "data/a.mp4_00003.xml": written_by_ezlabel(),
            "data/c.jpg_00001.xml": written_by_ezlabel(CAR, name="c.jpg_00001"),
        }
    )

    assert not round_trip.skipped
    assert [
        (imported.media_id, [(key.frame, key.outside) for key in imported.keyframes]) for imported in round_trip.objects
    ] == [
        ("m1", [(1, False), (2, True)]),
        ("m1", [(1, False), (2, True)]),
        ("i1", [(0, False)]),
    ]
    assert round_trip.objects[0].keyframes[0].geometry == Box(x1=0, y1=2, x2=30, y2=40)
    assert round_trip.objects[0].category == "vehicle"


def test_an_object_disappears_where_its_file_says_so() -> None:
    gone = f"<id>7</id>{CAR}<disappearance first='4' last='9'/>"
    round_trip = others(
        {"a.mp4_00003.xml": written_by_ezlabel(gone), "a.mp4_00010.xml": written_by_ezlabel(f"<id>7</id>{CAR}")}
    )

    (item,) = round_trip.objects
    assert [(key.frame, key.outside) for key in item.keyframes] == [(2, False), (3, True), (9, False)]


def test_a_file_with_another_name_is_matched_by_the_images_its_objects_name() -> None:
    round_trip = others({"labels.xml": written_by_ezlabel(CAR, name="d ü/b.mp4_00005").replace(b"/d \xc3\xbc/", b"/")})

    assert [(imported.media_id, imported.keyframes[0].frame) for imported in round_trip.objects] == [("m2", 4)]


def test_contour_without_a_box_are_a_polygon() -> None:
    ring = "".join(f'<pt x="{x}" y="{y}"/>' for x, y in ((1, 1), (9.5, 1), (9, 9)))
    round_trip = others({"c.jpg_00001.xml": written_by_ezlabel(f"{CAR}<polygon>{ring}<hole>{ring}</hole></polygon>")})

    points = [(1.0, 1.0), (9.5, 1.0), (9.0, 9.0)]
    assert round_trip.objects[0].keyframes[0].geometry == Polygon(parts=[Part(outer=points, holes=[points])])


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (BOX, "field_missing"),
        ("<name/>" + BOX, "field_missing"),
        ("<name>c</name>", "field_missing"),
        ("<name>c</name><bndbox><xmin>1</xmin></bndbox>", "field_missing"),
        (CAR.replace(">40<", ">nan<"), "finite_number"),
        (CAR.replace(">40<", ">wide<"), "not_a_number"),
        (CAR + "<polygon><pt x='1' y='1'/></polygon>", "points_too_few"),
        (CAR + "<polygon><pt x='1'/></polygon>", "field_missing"),
        (CAR + "<box x1='1'/>", "field_missing"),
        (CAR + "<attribute>5</attribute>", "field_missing"),
        (CAR + "<behavior type='Turn' first='1' last='x'/>", "not_an_integer"),
        (CAR + "<behavior type='' first='1' last='2'/>", "string_too_short"),
        (CAR + "<behavior type='Turn' first='0' last='2'/>", "greater_than_equal"),
    ],
)
def test_a_malformed_object_is_skipped_with_a_reason(broken: str, code: str) -> None:
    round_trip = others({"c.jpg_00001.xml": written_by_ezlabel(broken, CAR)})

    (skipped,) = round_trip.skipped
    assert skipped.where.startswith("c.jpg_00001.xml, object 1")
    assert skipped.reason.code == code
    assert len(round_trip.objects) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"<annotation><object></annotation>",
        b"none",
        b"",
        b'<!DOCTYPE a [<!ENTITY b "c">]><annotation>&b;</annotation>',
        b"<annotation>" + b"<a>" * 200 + b"</a>" * 200 + b"</annotation>",
    ],
)
def test_a_malformed_file_is_reported_and_does_not_interrupt_tracks(content: bytes) -> None:
    car = written_by_ezlabel(f"<id>1</id>{CAR}")
    files = {"a.mp4_00001.xml": car, "a.mp4_00002.xml": content, "a.mp4_00003.xml": car}

    entries = read(NAME, opened(packed(files)), targets(MEDIA))

    assert [entry.where for entry in entries if isinstance(entry, SkippedRow)] == ["a.mp4_00002.xml"]
    assert [[key.frame for key in imported.keyframes] for imported in objects(entries)] == [[0, 2]]


def test_a_file_of_a_medium_that_is_not_there_is_reported_once() -> None:
    gone = written_by_ezlabel(CAR, CAR, name="gone.mp4_00001")
    files = {"gone.mp4_00001.xml": gone, "gone.mp4_00002.xml": gone, "c.jpg_00001.xml": written_by_ezlabel(CAR)}

    round_trip = others(files)

    assert reasons(round_trip.found) == [("gone.mp4", "no_such_file", 4)]
    assert len(round_trip.objects) == 1
