"""PASCAL VOC 1.1: everything the format supports survives export and import; archives of other programs are
imported."""

from typing import Any

import cv2
import numpy as np
import pytest
from defusedxml import ElementTree
from hypothesis import given

from common.contract.labels import ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import Bitmap, Box, ImageTag
from tests.export.formats.skipped import assert_skipped
from tests.export.made import dataset, keyframe, labeled, medium, shape_object
from tests.export.parsing import painted
from tests.export.parsing.alike import Row, pixels, regions, row, turned
from tests.export.parsing.made_archives import objects, opened, packed, read, reasons, targets, written
from tests.export.parsing.returned import assert_rows_return
from tests.export.strategies import projects

NAME = "PASCAL VOC 1.1"
MEDIA = [*painted.MEDIA[:2], medium("i1", "c.jpg", **painted.SIZE)]
BOX = "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>11</xmax><ymax>22</ymax></bndbox>"


def rows(files: dict[str, bytes]) -> list[Row]:
    """The content of every frame, without track numbers, keyframe marks and empty lists."""
    lines = files["labelmap.txt"].decode().split("\n")[1:-1]
    classes = {_number(line.split(":")[1]): line.split(":")[0] for line in lines}
    result = []
    for name, content in files.items():
        folder, _, path = name.partition("/")
        match folder:
            case "Annotations":
                result += [_object(path, each) for each in ElementTree.fromstring(content).iter("object")]
            case "ImageSets":
                result += [row([name, line]) for line in content.decode().split("\n") if line[-2:] not in ("", "-1")]
            case "SegmentationClass":
                result += [row([name, region]) for region in regions(pixels(content), classes.__getitem__)]
            case "SegmentationObject":
                result += [row([name, region]) for region in regions(pixels(content), lambda _: "")]
    return result


def _number(color: str) -> int:
    red, green, blue = map(int, color.split(","))
    return red << 16 | green << 8 | blue


def _object(path: str, element: Any) -> Row:
    attributes = {each.findtext("name"): each.findtext("value") for each in element.iter("attribute")}
    rotation = float(attributes.pop("rotation", 0.0))
    words = {name: value for name, value in attributes.items() if name not in ("track_id", "keyframe")}
    flags = [element.findtext(tag) for tag in ("name", "truncated", "difficult", "occluded")]
    return row([path, words, flags], [*(float(side.text) for side in element.find("bndbox")), *turned(rotation)])


@given(projects(reach=500, most=4))
def test_a_project_survives_export_and_import_frame_by_frame(states: list[ObjectState]) -> None:
    assert_rows_return(NAME, MEDIA, states, rows)


def test_tracks_types_attributes_and_rotation_survive_a_round_trip() -> None:
    states = [
        labeled(
            "o1",
            keyframe(1, 1, 2, 30, 40, 30, occluded=True),
            keyframe(9, 11, 2, 40, 40, 60, attributes={"truncated-1": "Yes"}),
            keyframe(20, outside=True),
            type="car-1",
            attributes={"doors-1": 4.0, "lit": True, "true": "true"},
        ),
        shape_object("o2", ImageTag(), media_id="m2", frame=3),
        shape_object("o3", Bitmap(x=3, y=4, width=3, height=2, runs=[1, 5]), media_id="i1", category="Pedestrian"),
    ]

    track, pixels_, label = objects(read(NAME, written(NAME, dataset(MEDIA, states)), targets(MEDIA)))

    assert (track.media_id, track.category, track.type) == ("m1", "Vehicle", "Car")
    assert track.attributes == {"Doors": 4.0, "lit": True, "true": "true"}
    assert [(key.frame, key.outside, key.occluded, key.attributes) for key in track.keyframes] == [
        (1, False, True, {}),
        (9, False, False, {"Truncated": "Yes"}),
        (19, False, False, {}),
        (20, True, False, {}),
    ]
    assert track.keyframes[0].geometry == Box(x1=1, y1=2, x2=30, y2=40, rotation=30)
    assert pixels_.keyframes[0].geometry == Bitmap(x=3, y=4, width=3, height=2, runs=[1, 5])
    assert pixels_.category == "Pedestrian"
    assert [(key.frame, key.geometry, key.outside) for key in label.keyframes] == [(3, ImageTag(), False)]


def xml(*drawn_: str, name: str = "c.jpg") -> str:
    return f"<annotation><filename>{name}</filename><size/><segmented>0</segmented>{''.join(drawn_)}</annotation>"


def thing(*inside: str, name: str = "car") -> str:
    return f"<object><name>{name}</name>{''.join(inside) or BOX}</object>"


def from_files(**files: str) -> list[Any]:
    return read(NAME, opened(packed({name: content.encode() for name, content in files.items()})), targets(MEDIA))


def test_a_single_file_of_another_program_is_read() -> None:
    part = f"<part><name>wheel</name>{BOX}</part>"
    content = xml(
        thing(
            "<pose>Left</pose><truncated>1</truncated><difficult>0</difficult><occluded>1</occluded>",
            BOX,
            part,
            "<actions><walking>1</walking><running>0</running></actions>",
        )
    )

    whole, wheel = objects(read(NAME, opened(b"\xef\xbb\xbf" + content.encode(), "any.xml"), targets(MEDIA)))

    assert whole.attributes == {"truncated": True, "pose": "Left", "walking": True, "running": False}
    assert whole.keyframes[0].occluded
    assert whole.keyframes[0].geometry == Box(x1=1, y1=2, x2=11, y2=22)
    assert (wheel.category, wheel.media_id) == ("wheel", "i1")
    assert whole.group == wheel.group is not None


def test_archives_of_other_programs_are_read_wherever_they_begin() -> None:
    result = from_files(
        **{
            "VOCdevkit/VOC2012/Annotations/c.xml": xml(
                thing("<bndbox><ymax>9</ymax><xmax>8</xmax><ymin>1</ymin><xmin>0</xmin></bndbox>")
            ).replace("\n", "\r\n"),
            "VOCdevkit/VOC2012/ImageSets/Main/cat_train.txt": "c  1\r\n",
            "VOCdevkit/VOC2012/ImageSets/Main/cat_trainval.txt": "c  1\n",
            "VOCdevkit/VOC2012/ImageSets/Main/dog_train.txt": "c -1\n",
            "VOCdevkit/VOC2012/ImageSets/Main/train.txt": "c\n",
        }
    )

    box, label = objects(result)
    assert box.keyframes[0].geometry == Box(x1=0, y1=1, x2=8, y2=9)
    assert (label.category, label.kind) == ("cat", "label")
    assert not [entry for entry in result if isinstance(entry, SkippedRow)]


def test_files_with_other_names_are_matched_by_their_content() -> None:
    (imported,) = objects(from_files(**{"Annotations/0001.xml": xml(thing(), name="C:\\pictures\\c.jpg")}))

    assert imported.media_id == "i1"


def test_frames_are_matched_in_any_order() -> None:
    reported = "<attributes><attribute><name>track_id</name><value>7</value></attribute></attributes>"
    files = {f"Annotations/a/frame_{frame:06d}.xml": xml(thing(BOX, reported)) for frame in (2, 0, 1)}
    files["Annotations/dir/b c/frame_000000.xml"] = xml(thing(BOX, reported))

    first, second = objects(from_files(**files))

    assert [(key.frame, key.outside) for key in first.keyframes] == [(0, False), (1, False), (2, False)]
    assert second.media_id == "m2"


def test_masks_of_the_challenge_need_no_label_map_and_no_instances() -> None:
    classes = np.zeros((48, 64, 3), np.uint8)
    classes[1, 2:5] = 0, 0, 128
    classes[2, 2:5] = 192, 224, 224
    classes[3, 3] = 7, 7, 7
    content = cv2.imencode(".png", classes)[1].tobytes()

    entries = read(NAME, opened(packed({"SegmentationClass/c.png": content})), targets(MEDIA))

    (area,) = objects(entries)
    assert (area.category, area.keyframes[0].geometry) == (
        "aeroplane",
        Bitmap(x=2, y=1, width=3, height=1, runs=[0, 3]),
    )
    (skipped,) = [entry for entry in entries if isinstance(entry, SkippedRow)]
    assert skipped.reason.code == "colors_without_class"


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (thing("<bndbox><xmin>1</xmin></bndbox>"), "field_missing"),
        (thing("<bndbox><xmin>nan</xmin><ymin>1</ymin><xmax>1</xmax><ymax>1</ymax></bndbox>"), "finite_number"),
        (thing("<bndbox><xmin>wide</xmin><ymin>1</ymin><xmax>1</xmax><ymax>1</ymax></bndbox>"), "not_a_number"),
        (thing("<pose/>"), "field_missing"),
        (thing("<polygon><x1>1</x1><y1>2</y1></polygon>"), "points_too_few"),
        (thing(name=""), "field_missing"),
        (thing(name="x" * 300), "string_too_long"),
    ],
)
def test_a_malformed_object_is_skipped_with_a_reason(broken: str, code: str) -> None:
    result = from_files(**{"Annotations/c.xml": xml(broken, thing())})

    assert_skipped(result, "Annotations/c.xml, object 1", code)
    assert len(objects(result)) == 1


def test_malformed_files_and_images_without_a_match_are_reported_once() -> None:
    result = from_files(
        **{
            "Annotations/c.xml": "<annotation><object>",
            "Annotations/gone.xml": xml(thing(), thing(), name="gone.jpg"),
            "SegmentationClass/c.png": "no picture",
        }
    )

    assert reasons(result) == [
        ("Annotations/c.xml", "invalid_xml", 1),
        ("SegmentationClass/c.png", "mask_not_png", 1),
        ("Annotations/gone.xml", "no_such_file", 2),
    ]
