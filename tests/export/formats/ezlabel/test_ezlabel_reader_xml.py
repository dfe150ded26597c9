"""ezLabel XML comes back frame for frame; what ezLabel itself writes is read too."""

from typing import Any

import pytest
from defusedxml import ElementTree
from hypothesis import HealthCheck, given, settings

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
    """What each file says of its objects, without their numbers and the order of their behaviours."""
    return [(name, sorted(map(row, ElementTree.fromstring(content)))) for name, content in sorted(files.items())]


def row(found: Any) -> str:
    said = [ElementTree.tostring(part, "unicode") for part in found if part.tag not in ("id", "behavior", "attribute")]
    beside = sorted(ElementTree.tostring(part, "unicode") for part in found if part.tag in ("behavior", "attribute"))
    return "".join(said + beside)


@given(projects(reach=500, most=4))
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_everything_comes_back(states: list[ObjectState]) -> None:
    back = returned(NAME, MEDIA, states, ())

    assert not back.skipped
    assert rows(back.after) == rows(back.before)


def test_a_track_comes_back_with_all_that_is_said_of_it() -> None:
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

    (found,) = returned(NAME, MEDIA, [car]).objects

    assert (found.media_id, found.category, found.type) == ("m1", "Vehicle", "Car")
    assert found.attributes == {"Doors": 4.0, "lit": True, "note": "4.0"}
    assert [(key.frame, key.outside, key.attributes.get("Truncated")) for key in found.keyframes] == [
        (0, False, "No"),
        (1, False, None),
        (2, False, None),
        (3, True, None),
        (5, False, "Yes"),
        (6, True, None),
    ]
    assert found.keyframes[0].geometry == Box(x1=0.25, y1=0, x2=10, y2=10)
    assert found.keyframes[1].geometry == Box(x1=1.25, y1=0, x2=11, y2=10, rotation=10)
    assert [(one.name, one.attribute, one.first, one.last) for one in found.behaviors] == [
        ("Turn", "Left", 1, 2),
        ("Turn", None, 5, 9),
    ]


def written_by_ezlabel(*said: str, name: str = "a.mp4_00002", suffix: str = "jpg") -> bytes:
    """A file as ezLabel writes it, with `attribute_index` in the places of the name and the box."""
    picture = f"All/{name[:-6]}/{name}.{suffix}"
    rows = "".join(f"<object>\r\n<filename>{picture}</filename>\r\n{one}\r\n</object>\r\n" for one in said)
    return f"\ufeff<?xml version='1.0'?>\r\n<annotation>\r\n{rows}</annotation>\r\n".encode()


BOX = "<bndbox><xmin>0</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax></bndbox>"
CAR = f"<name>vehicle</name>{BOX}"


def others(files: dict[str, bytes]) -> Returned:
    bundle = opened(packed(files))
    assert READERS[NAME].detect(bundle) > 0.9
    return Returned(files, {}, read(NAME, bundle, targets(MEDIA)))


def test_what_ezlabel_writes_is_read() -> None:
    back = others(
        {
            "data/a.mp4_00002.XML": written_by_ezlabel(CAR, CAR),
            "data/a.mp4_00003.xml": written_by_ezlabel(),
            "data/c.jpg_00001.xml": written_by_ezlabel(CAR, name="c.jpg_00001"),
        }
    )

    assert not back.skipped
    assert [(one.media_id, [(key.frame, key.outside) for key in one.keyframes]) for one in back.objects] == [
        ("m1", [(1, False), (2, True)]),
        ("m1", [(1, False), (2, True)]),
        ("i1", [(0, False)]),
    ]
    assert back.objects[0].keyframes[0].geometry == Box(x1=0, y1=2, x2=30, y2=40)
    assert back.objects[0].category == "vehicle"


def test_where_only_some_frames_have_files_an_object_is_gone_when_it_says_so() -> None:
    gone = f"<id>7</id>{CAR}<disappearance first='4' last='9'/>"
    back = others(
        {"a.mp4_00003.xml": written_by_ezlabel(gone), "a.mp4_00010.xml": written_by_ezlabel(f"<id>7</id>{CAR}")}
    )

    (found,) = back.objects
    assert [(key.frame, key.outside) for key in found.keyframes] == [(2, False), (3, True), (9, False)]


def test_a_file_that_is_called_otherwise_is_about_the_pictures_that_its_objects_name() -> None:
    back = others({"labels.xml": written_by_ezlabel(CAR, name="d ü/b.mp4_00005").replace(b"/d \xc3\xbc/", b"/")})

    assert [(one.media_id, one.keyframes[0].frame) for one in back.objects] == [("m2", 4)]


def test_outlines_without_a_box_are_a_polygon() -> None:
    ring = "".join(f'<pt x="{x}" y="{y}"/>' for x, y in ((1, 1), (9.5, 1), (9, 9)))
    back = others({"c.jpg_00001.xml": written_by_ezlabel(f"{CAR}<polygon>{ring}<hole>{ring}</hole></polygon>")})

    points = [(1.0, 1.0), (9.5, 1.0), (9.0, 9.0)]
    assert back.objects[0].keyframes[0].geometry == Polygon(parts=[Part(outer=points, holes=[points])])


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
    back = others({"c.jpg_00001.xml": written_by_ezlabel(broken, CAR)})

    (skipped,) = back.skipped
    assert skipped.where.startswith("c.jpg_00001.xml, object 1")
    assert skipped.reason.code == code
    assert len(back.objects) == 1


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
def test_a_file_that_is_not_one_is_reported_and_does_not_end_what_is_seen_before_and_after(content: bytes) -> None:
    car = written_by_ezlabel(f"<id>1</id>{CAR}")
    files = {"a.mp4_00001.xml": car, "a.mp4_00002.xml": content, "a.mp4_00003.xml": car}

    found = read(NAME, opened(packed(files)), targets(MEDIA))

    assert [one.where for one in found if isinstance(one, SkippedRow)] == ["a.mp4_00002.xml"]
    assert [[key.frame for key in one.keyframes] for one in objects(found)] == [[0, 2]]


def test_a_file_of_a_medium_that_is_not_there_is_reported_once() -> None:
    gone = written_by_ezlabel(CAR, CAR, name="gone.mp4_00001")
    files = {"gone.mp4_00001.xml": gone, "gone.mp4_00002.xml": gone, "c.jpg_00001.xml": written_by_ezlabel(CAR)}

    back = others(files)

    assert reasons(back.found) == [("gone.mp4", "no_such_file", 4)]
    assert len(back.objects) == 1
