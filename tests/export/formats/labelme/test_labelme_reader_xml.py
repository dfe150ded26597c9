"""LabelMe 3.0: everything the format supports survives export and import; files of other programs are imported."""

from typing import Any

import cv2
import numpy as np
import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from common.contract.labels import ObjectState
from common.geometry.shapes import geometry_at
from common.geometry.types import Bitmap, Box, Geometry, Part, Polygon
from export.formats.labelme.reader_attributes import attributes_of
from export.formats.labelme.writer_xml import attribute_list
from tests.export.formats.skipped import assert_skipped
from tests.export.made import dataset, keyframe, labeled, medium, shape_object
from tests.export.parsing.alike import Row, differences, pixels, row
from tests.export.parsing.made_archives import objects, opened, packed, read, reasons, targets, written
from tests.export.parsing.returned import returned
from tests.export.strategies import FRAMES, projects, words

NAME = "LabelMe 3.0"
MEDIA = [
    medium("m1", "a.mp4", FRAMES, width=64, height=48),
    medium("m2", "dir/b c.mp4", FRAMES, width=64, height=48),
    medium("i1", "c.jpg", width=64, height=48),
]
TOLERANCE = 0.06
RING: list[Any] = [(10, 10), (60, 10), (60, 50)]


def rows(files: dict[str, bytes]) -> list[Row]:
    """The objects of every frame with the sizes of their groups, without their numbers."""
    result = []
    for name, content in files.items():
        if not name.endswith(".xml"):
            continue
        things = list(ElementTree.fromstring(content).iter("object"))
        groups = [_group(each) for each in things]
        for element, group in zip(things, groups, strict=True):
            members = groups.count(group) if group is not None else 1
            texts = attributes_of(element.findtext("attributes", ""))
            attributes = {key: value for key, value in texts.items() if key not in ("track_id", "keyframe")}
            flags = [element.findtext("name", "").strip("\r\n"), element.findtext("occluded"), element.findtext("type")]
            mask, points = (
                element.find("segm/mask"),
                [float(each.text or "") for each in element.iterfind("polygon/pt/*")],
            )
            if flags[2] is not None:
                points = [*sorted(points[::2]), *sorted(points[1::2])]
            painted = None if mask is None else _painted(files, name, mask.text or "")
            result.append(row([name, attributes, flags, members, painted], points))
    return result


def _group(element: Any) -> str | None:
    others, first = element.findtext("parts/hasparts"), element.findtext("parts/ispartof")
    return first or (element.findtext("id") if others else None)


def _painted(files: dict[str, bytes], name: str, mask: str) -> list[int]:
    subset, _, path = name.partition("/")
    folder = f"{path.rpartition('/')[0]}/".lstrip("/")
    where: list[int] = np.flatnonzero(pixels(files[f"{subset}/Masks/{folder}{mask}"])).tolist()
    return where


@given(projects(reach=500, most=4))
def test_a_project_survives_export_and_import_frame_by_frame(states: list[ObjectState]) -> None:
    round_trip = returned(NAME, MEDIA, states, missions=())

    assert not round_trip.skipped
    assert not differences(rows(round_trip.before), rows(round_trip.after), TOLERANCE)


@given(st.dictionaries(words, words | st.booleans() | st.floats(-1e4, 1e4), max_size=4))
def test_attributes_are_read_as_they_were_written(attributes: dict[str, Any]) -> None:
    assert attributes_of(attribute_list(attributes.items())) == attributes


def test_tracks_groups_and_masks_survive_a_round_trip() -> None:
    parts = Polygon(parts=[Part(outer=RING), Part(outer=[(1, 1), (5, 1), (5, 5)])])
    states = [
        labeled(
            "o1",
            keyframe(1, 1, 2, 30, 40, occluded=True),
            keyframe(9, 9, 2, 38, 40, attributes={"truncated-1": "Yes"}),
            keyframe(12, outside=True),
            type="car-1",
            attributes={"doors-1": 4.0, "number": "4", "lit": True},
            group="g",
        ),
        shape_object("o2", parts, media_id="m1", frame=5, category="Pedestrian", group="g"),
        shape_object("o3", Bitmap(x=3, y=4, width=3, height=2, runs=[1, 5]), media_id="m2"),
    ]

    imported = objects(read(NAME, written(NAME, dataset(MEDIA, states)), targets(MEDIA)))

    box, polygons, mask = sorted(imported, key=lambda each: (each.media_id, each.kind))
    assert (box.category, box.type, box.attributes) == ("Vehicle", "Car", {"Doors": 4.0, "number": "4", "lit": True})
    assert [(key.frame, key.outside, key.occluded, key.attributes) for key in box.keyframes] == [
        (1, False, True, {}),
        (9, False, False, {"Truncated": "Yes"}),
        (11, False, False, {}),
        (12, True, False, {}),
    ]
    assert polygons.keyframes[0].geometry == parts
    assert [key.frame for key in polygons.keyframes] == [5, FRAMES - 1]
    assert box.group == polygons.group is not None
    assert [(key.frame, key.geometry) for key in mask.keyframes] == [(0, states[2].keyframes[0].geometry)]


def test_shapes_that_interpolation_cannot_reproduce_are_keyframes() -> None:
    state = labeled(
        "o1", keyframe(0, 10, 10, 50, 20, 0.01), keyframe(20, 10, 10, 50, 20, 90), keyframe(29, 10, 10, 50, 20, 90)
    )

    (imported,) = objects(read(NAME, written(NAME, dataset(MEDIA, [state])), targets(MEDIA)))

    assert [key.frame for key in imported.keyframes] == [*range(21), 29]
    halfway: Geometry | None = geometry_at(imported.keyframes, 10)
    assert isinstance(halfway, Polygon)
    assert halfway.parts[0].outer[0] == pytest.approx((19.4, -2.7), abs=0.1)


def thing(*inside: str, name: str = "car", number: int = 0) -> str:
    return f"<object><name>{name}</name><deleted>0</deleted><id>{number}</id>{''.join(inside) or outline()}</object>"


def outline(*points: Any) -> str:
    point_elements = "".join(f"<pt><x>{x}</x><y>{y}</y></pt>" for x, y in points or RING)
    return f"<polygon><username>ada</username>{point_elements}</polygon>"


def from_files(*things: str, **more: bytes) -> list[Any]:
    content = (
        "<annotation>\r\n<filename>\nc.jpg\n</filename><folder>users/ada</folder><source><sourceImage/></source>"
        f"{''.join(things)}<imagesize><nrows>48</nrows><ncols>64</ncols></imagesize></annotation>"
    )
    return read(NAME, opened(packed({"Annotations/x.XML": content.encode(), **more})), targets(MEDIA))


def test_files_of_other_programs_are_read() -> None:
    mask = cv2.imencode(".png", np.array([[0, 0, 0], [0, 255, 255]], np.uint8))[1].tobytes()
    corners = outline((30, 40), (30, 2), (1, 2), (1, 40))

    whole, wheel, box, pixels_ = from_files(
        thing("<parts><hasparts>1</hasparts><ispartof/></parts>", outline(), name="\ncar\n"),
        thing("<parts><hasparts/><ispartof>0</ispartof></parts>", outline(), name="wheel", number=1),
        thing("<deleted>1</deleted>").replace("<deleted>0</deleted>", ""),
        thing("<type>bounding_box</type><occluded>yes</occluded>", corners, "<attributes>red, doors=4</attributes>"),
        thing("<segm><mask>x_mask_0.png</mask><box/></segm>"),
        **{"Masks/x_mask_0.png": mask},
    )

    assert (whole.category, whole.media_id, whole.keyframes[0].geometry) == (
        "car",
        "i1",
        Polygon(parts=[Part(outer=RING)]),
    )
    assert whole.group == wheel.group is not None
    assert box.keyframes[0].geometry == Box(x1=1, y1=2, x2=30, y2=40)
    assert (box.attributes, box.keyframes[0].occluded, box.group) == ({"red": True, "doors": 4.0}, True, None)
    assert pixels_.keyframes[0].geometry == Bitmap(x=1, y=1, width=2, height=1, runs=[0, 2])


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        ("", {}),
        (" , ,", {}),
        ("a", {"a": True}),
        ("a=1 , b = two", {"a": 1.0, "b ": "two"}),
        ('a="1",b=\\"x', {"a": "1", "b": '"x'}),
        ("a=b=c", {"a": "b=c"}),
        ("a=True,b=1e999,c=nan", {"a": True, "b": "1e999", "c": "nan"}),
        ("a=\\", {"a": "\\"}),
        ('"', {'"': True}),
    ],
)
def test_attributes_are_read_with_patience(text: str, attributes: dict[str, Any]) -> None:
    assert attributes_of(text) == attributes


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (thing(outline((1, 2))), "points_too_few"),
        (thing(outline((1, 2), (3, 4), (5, "wide"))), "not_a_number"),
        (thing(outline((1, 2), (3, 4), (5, "nan"))), "finite_number"),
        (thing(name=""), "field_missing"),
        (thing(name="x" * 300), "string_too_long"),
        (thing("<segm><mask>gone.png</mask></segm>"), "file_not_in_archive"),
        (thing("<segm><mask>bad.png</mask></segm>"), "mask_not_png"),
        (thing("<polygon><pt><x>1</x></pt></polygon>"), "field_missing"),
    ],
)
def test_a_malformed_object_is_skipped_with_a_reason(broken: str, code: str) -> None:
    result = from_files(broken, thing(number=1), **{"Masks/bad.png": b"no picture"})

    assert_skipped(result, "Annotations/x.XML, object 0", code)
    assert len(objects(result)) == 1


def test_malformed_files_and_images_without_a_match_are_reported_once() -> None:
    gone = f"<annotation><filename>gone.jpg</filename>{thing()}{thing()}</annotation>"

    entries = read(NAME, opened(packed({"c.xml": b"<annotation>", "gone.xml": gone.encode()})), targets(MEDIA))

    assert reasons(entries) == [("c.xml", "invalid_xml", 1), ("gone.xml", "no_such_file", 2)]
