"""MATLAB ground truth: every encoding of it is imported, and shapes are linked into objects."""

import json
from typing import Any

import pytest

from common.contract.clips import FRAMES_PER_CLIP
from common.geometry.types import Box, Cuboid, ImageTag, Part, Points, Polygon, Polyline
from common.sandbox.worker import Undecodable
from export.formats.registry import READERS
from export.parsing.detect_format import detect_format
from export.parsing.media_index import MediaIndex, TargetMedium
from export.parsing.reader import DeclaredMission
from tests.export.formats.matlab.ground_truth import MEDIA, NAME, frames, parsed, truth
from tests.export.parsing.made_archives import objects, opened, packed, read, reasons, targets


def test_the_ground_truth_of_images_is_read() -> None:
    rows = [{"car": [[371, 509, 221, 189], [1, 1, 2, 3]], "lane": [[[1, 2], [3, 4]]], "Sunny": True}, {"car": []}]

    declared, first, second, lane, sunny = parsed(truth(rows, ["C:\\data\\1.png", "C:\\data\\c.jpg"]))

    assert [(imported.media_id, imported.category) for imported in objects([first, second, lane, sunny])] == [
        ("i2", "car"), ("i2", "car"), ("i2", "lane"), ("i2", "Sunny")
    ]  # fmt: skip
    shapes = [imported.keyframes[0].geometry for imported in objects([first, second, lane, sunny])]
    assert shapes == [
        Box(x1=370, y1=508, x2=591, y2=697),
        Box(x1=0, y1=0, x2=2, y2=3),
        Polyline(points=[(0, 1), (2, 3)]),
        ImageTag(),
    ]
    assert isinstance(declared, DeclaredMission)
    assert [(category.name, category.color, category.parent) for category in declared.mission.categories] == [
        ("car", "#94d14f", "Vehicle"),
        ("lane", "#0000ff", None),
        ("Sunny", "#ffff00", None),
        ("Vehicle", declared.mission.categories[3].color, None),
    ]
    car = declared.mission.categories[0]
    assert [each.name for each in car.types] == ["Wheel", "Truck", "Bus"]
    assert [(attribute.name, attribute.kind) for attribute in car.attributes] == [("Lit", "bool")]


def test_objects_of_a_video_are_linked_where_they_overlap() -> None:
    rows: list[Any] = [{"car": [[10, 10, 20, 20], [100, 100, 20, 20]]}, {"car": [[101, 101, 20, 20], [12, 10, 20, 20]]}]
    rows += [{"car": []}, {"car": [12, 10, 20, 20]}, {"car": [40, 40, 20, 20]}]

    first, second, *others = sorted(
        objects(parsed(truth(rows))), key=lambda each: (len(each.keyframes) < 3, frames(each))
    )

    assert frames(first) == frames(second) == [(0, False), (1, False), (2, True)]
    assert [key.geometry for key in first.keyframes[:2]] == [
        Box(x1=9, y1=9, x2=29, y2=29), Box(x1=11, y1=9, x2=31, y2=29)
    ]  # fmt: skip
    assert [frames(other) for other in others] == [[(3, False), (4, True)], [(4, False)]]


@pytest.mark.parametrize("name", ["ID", "id", "TrackId", "trackID", "Track_ID"])
def test_objects_with_an_id_are_linked_by_it(name: str) -> None:
    def car(x: int, number: Any, **more: Any) -> dict[str, Any]:
        return {"Position": [x, 1, 5, 5], name: number, **more}

    rows = [
        {"car": [car(1, 7, Type="Bus", Lit=True), car(50, 8)]},
        {"car": car(300, 7, Type="Bus", Lit=False)},
        {"car": [car(9, 8), car(10, 8), car(200, "")]},
    ]

    bus, other, again, nameless = objects(parsed(truth(rows)))

    assert frames(bus) == [(0, False), (1, False), (2, True)]
    assert (bus.type, bus.attributes) == ("Bus", {})
    assert [key.attributes for key in bus.keyframes[:2]] == [{"Lit": True}, {"Lit": False}]
    assert frames(other) == [(0, False), (1, True), (2, False)]
    assert frames(again) == frames(nameless) == [(2, False)]
    assert not again.attributes


def test_scenes_are_labels_of_the_frames_they_are_true_on() -> None:
    rows = [{"Sunny": on, "car": []} for on in (False, True, 1, [True], False, 0, None, True)]

    (sunny,) = objects(parsed(truth(rows)))

    assert sunny.kind == "label"
    assert [frame for frame in frames(sunny) if frame[0] in (1, 4, 7)] == [(1, False), (4, True), (7, False)]


SQUARE, SMALL = Box(x1=2, y1=3, x2=7, y2=9), Box(x1=0, y1=0, x2=1, y2=1)
BENT, SHORT = Polyline(points=[(0, 1), (2, 3), (4, 5)]), Polyline(points=[(0, 1), (2, 3)])
CUBOID = Cuboid(points=[(0, 0), (4, 0), (4, 2), (0, 2), (10, 10), (12, 10), (12, 11), (10, 11)])


@pytest.mark.parametrize(
    ("kind", "value", "shapes"),
    [
        ("Rectangle", [3, 4, 5, 6], [SQUARE]),
        ("Rectangle", [[[3, 4, 5, 6]]], [SQUARE]),
        ("", [[3, 4, 5, 6]], [SQUARE]),
        ("Rectangle", {"Position": [[3, 4, 5, 6], [1, 1, 1, 1]]}, [SQUARE, SMALL]),
        ("RotatedRectangle", [11, 21, 4, 6, 30], [Box(x1=8, y1=17, x2=12, y2=23, rotation=30)]),
        ("Line", [[1, 2], [3, 4], [5, 6]], [BENT]),
        ("Line", [1, 2, 3, 4], [SHORT]),
        ("", [[[1, 2], [3, 4]], [[1, 2], [3, 4], [5, 6]]], [SHORT, BENT]),
        ("Polygon", [[1, 1], [9, 1], [9, 9], [1, 1]], [Polygon(parts=[Part(outer=[(0, 0), (8, 0), (8, 8)])])]),
        ("Point", [[1, 1], [9, 1]], [Points(points=[(0, 0)]), Points(points=[(8, 0)])]),
        ("ProjectedCuboid", [1, 1, 4, 2, 11, 11, 2, 1], [CUBOID]),
    ],
)
def test_shapes_of_all_types_and_ranks_are_read(kind: str, value: Any, shapes: list[Any]) -> None:
    content = truth([{"x": value}], ["c.jpg"], {"Name": "x", "Type": kind}, wrapped=False)

    assert [imported.keyframes[0].geometry for imported in objects(parsed(content))] == shapes


def test_a_sublabel_is_a_type_of_its_label() -> None:
    value = {"Position": [1, 1, 9, 9], "Wheel": [{"Position": [2, 2, 3, 3], "Flat": True}, {"Position": [5, 5, 3, 3]}]}

    car, wheel, other = objects(parsed(truth([{"car": value}], "c.jpg")))

    assert (car.type, wheel.type, other.type) == (None, "Wheel", "Wheel")
    assert (car.attributes, wheel.attributes) == ({}, {"Flat": True})
    assert {each.category for each in (car, wheel, other)} == {"car"}


def test_times_say_which_frame_a_row_is() -> None:
    source = {"Source": ["D:\\videos\\a.mp4"], "TimeStamps": [number / 10 for number in range(10)]}
    rows = [{"Time": "0.3 sec", "car": [1, 1, 5, 5]}, {"Time": 0.71, "car": [50, 1, 5, 5]}]

    first, second = objects(parsed(truth(rows, source)))

    assert (frames(first)[0], frames(second)[0]) == ((3, False), (7, False))


def test_without_the_times_of_all_frames_the_rate_of_the_video_counts() -> None:
    content = truth([{"Time": 0.12, "car": [1, 1, 5, 5]}, {"Time": "00:00:00.36", "car": [50, 1, 5, 5]}])
    media = MediaIndex([TargetMedium("m1", "a.mp4", "video", 10, fps=25.0)])

    first, second = objects(READERS[NAME].read(opened(content, "x.json"), media))

    assert (frames(first)[0], frames(second)[0]) == ((3, False), (9, False))


def test_frames_of_a_video_are_found_by_their_paths() -> None:
    paths = ["x/a/frame_000004.jpg", "x/a/frame_000005.jpg"]

    (car,) = objects(parsed(truth([{"car": [1, 1, 9, 9]}, {"car": [1, 1, 9, 9]}], paths)))

    assert (car.media_id, frames(car)) == ("m1", [(4, False), (5, False)])


@pytest.mark.parametrize(
    ("name", "is_read"),
    [
        ("a.mp4_00001.json", True),
        ("a_00001.json", True),
        ("folder/a_00001.JSON", True),
        ("b_00001.json", False),
        ("a_1.json", False),
        ("a.json", False),
    ],
)
def test_without_known_sources_the_file_name_counts(name: str, is_read: bool) -> None:
    content = {name: truth([{"car": [1, 1, 9, 9]}] * 2, ["/gone/x.bmp", "/gone/y.bmp"])}

    reported = read(NAME, opened(packed(content)), targets(MEDIA))

    assert [(imported.media_id, frames(imported)[:2]) for imported in objects(reported)] == [
        ("m1", [(0, False), (1, False)])
    ] * is_read
    assert reasons(reported) == [(name, "matlab_source_unknown", 1)] * (not is_read)


def test_the_number_in_a_name_is_that_of_the_clip() -> None:
    row = {"car": [1, 1, 9, 9]}

    clip = objects(parsed(truth([row] * 2, "elsewhere.avi"), "long_00002.json"))
    by_source = objects(parsed(truth([row] * 2, "long.mp4"), "long.mp4_00002.json"))
    whole = objects(parsed(truth([row] * (FRAMES_PER_CLIP + 1), "long.mp4"), "long_00002.json"))

    assert [frames(each[0])[0] for each in (clip, by_source, whole)] == [(1800, False), (1800, False), (0, False)]


def test_sources_without_a_match_are_reported_once() -> None:
    rows = [{"car": [[1, 1, 9, 9], [30, 1, 9, 9]]}] * 3

    assert reasons(parsed(truth(rows, ["c.jpg", "x.jpg"]))) == [
        ("gTruth.json, row 2", "no_such_file", 2),
        ("gTruth.json", "rows_exceed_sources", 2),
    ]
    ((_, code, count),) = reasons(parsed(truth(rows, "c.jpg")))
    assert (code, count) == ("image_has_several_rows", 6)
    beyond = reasons(parsed(truth([{"car": [1, 1, 9, 9]}] * 12)))
    assert [code for _, code, _ in beyond] == ["no_such_frame", "no_such_frame"]


def test_labels_of_pixels_are_reported_once() -> None:
    rows = [{"PixelLabelData": "Label_1.png"}, {"PixelLabelData": "Label_2.png", "road": "x.png"}]
    reported = parsed(truth(rows, definitions=[{"Name": "road", "Type": "PixelLabel", "PixelLabelID": 1}]))

    assert reasons(reported) == [("gTruth.json", "pixel_labels_skipped", 1)]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([1, 2, 3], "values_count_wrong"),
        ([1, 2, "wide", 3], "not_a_number"),
        ([1, 2, None, 3], "row_malformed"),
        ([1e308, 1, 1e308, 1e308], "finite_number"),
        ({"Type": "Bus"}, "field_missing"),
        ("car", "field_not_list"),
        (7, "field_not_list"),
        ([[[[[[[[[[[[1, 1, 1, 1]]]]]]]]]]]], "field_not_list"),
    ],
)
def test_a_malformed_label_is_skipped_with_a_reason(value: Any, code: str) -> None:
    reported = parsed(truth([{"car": value}, {"car": [1, 1, 9, 9]}, "nothing"]))

    (broken, row) = reasons(reported)
    assert broken[1] == code
    assert row == ("gTruth.json, row 3", "row_malformed", 1)
    assert len(objects(reported)) == 1


@pytest.mark.parametrize(
    "definition", [7, {"Name": "x", "Type": 5}, {"Name": ""}, {"Name": "x", "Hierarchy": {"": {}}}]
)
def test_malformed_definitions_do_not_prevent_reading(definition: Any) -> None:
    assert len(objects(parsed(truth([{"x": [1, 1, 9, 9]}], definitions=[definition])))) <= 1


@pytest.mark.parametrize("content", [b"{", b"[]", b"7", b'{"LabelData": 7}', b'{"a": {"b": {}}}', b"[" * 3000])
def test_a_file_of_another_format_is_reported(content: bytes) -> None:
    ((where, code, _),) = reasons(read(NAME, opened(packed({"x/a.json": content})), targets(MEDIA)))

    assert where == "x/a.json"
    assert code == "not_this_format"


def test_it_is_detected_and_other_json_is_refused_with_the_reason() -> None:
    long = truth([{}], [f"a/{number:06d}.png" for number in range(20_000)])
    for content in (truth([]), truth([], wrapped=False), long):
        assert detect_format(opened(content, "x.json"), None, READERS) == (NAME, 0.95)

    other = json.dumps({"version": "5.0", "shapes": [], "imagePath": "c.jpg", "imageData": None}).encode()
    with pytest.raises(Undecodable, match="does not look like MATLAB"):
        detect_format(opened(other, "c.json"), NAME, READERS)
