"""PASCAL VOC 1.1, validated by datumaro and supervision."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from defusedxml import ElementTree

from common.contract.labels import Keyframe
from common.contract.missions import Category, Mission
from common.geometry.types import Bitmap, Circle, ImageTag, Part, Polygon, Polyline
from export.dataset.capabilities import Feature
from export.dataset.dataset import ImageFile
from export.dataset.media import ExportMedium
from export.dataset.texts import REPLACED
from export.formats.pascal_voc import format as pascal_voc_format
from export.formats.pascal_voc import writer as pascal_voc
from tests.export.formats.examples import RING
from tests.export.made import archive, dataset, dropped, keyframe, labeled, medium, shape_object
from tests.export.validation import unpacked, validated

NAME = "PASCAL VOC 1.1"


def black(media: Sequence[ExportMedium]) -> Iterator[tuple[ExportMedium, ImageFile]]:
    """A black image for every frame."""
    for each in media:
        content = cv2.imencode(".jpg", np.zeros((each.height, each.width, 3), np.uint8))[1].tobytes()
        for frame in each.frames:
            yield each, ImageFile(frame, len(content), iter((content,)))


def test_a_frame_is_written_as_the_layout_says() -> None:
    car = labeled(
        "o1",
        keyframe(1, 1, 2, 3.126, 4, 30, occluded=True),
        type="car-1",
        attributes={"truncated": True, "doors-1": 4.0, "difficult": "who knows"},
    )
    files = archive(NAME, dataset([medium(frames=2)], [car]))

    assert list(files) == [
        "Annotations/a/frame_000000.xml",
        "Annotations/a/frame_000001.xml",
        "ImageSets/Main/default.txt",
        "labelmap.txt",
    ]
    head = (
        "<annotation>\n<folder>JPEGImages</folder>\n<filename>a/frame_00000{}.jpg</filename>\n"
        "<source><database>Unknown</database><annotation>Unknown</annotation><image>Unknown</image></source>\n"
        "<size><width>640</width><height>480</height><depth>3</depth></size>\n<segmented>0</segmented>\n"
    )
    assert files["Annotations/a/frame_000000.xml"].decode() == head.format(0) + "</annotation>\n"
    attributes = {
        "truncated": "True",
        "Doors": "4",
        "difficult": "who knows",
        "type": "Car",
        "rotation": "30.00",
        "track_id": "0",
        "keyframe": "True",
    }
    rows = "".join(f"<attribute><name>{k}</name><value>{v}</value></attribute>\n" for k, v in attributes.items())
    assert files["Annotations/a/frame_000001.xml"].decode() == (
        f"{head.format(1)}<object>\n<name>Vehicle</name>\n"
        "<truncated>1</truncated><difficult>0</difficult><occluded>1</occluded>\n"
        "<bndbox><xmin>1.00</xmin><ymin>2.00</ymin><xmax>3.13</xmax><ymax>4.00</ymax></bndbox>\n"
        f"<attributes>\n{rows}</attributes>\n</object>\n</annotation>\n"
    )
    assert files["ImageSets/Main/default.txt"] == b"a/frame_000000\na/frame_000001\n"
    assert files["labelmap.txt"].decode().splitlines() == [
        "# label:color_rgb:parts:actions",
        "background:0,0,0::",
        "Vehicle:255,0,0::",
        "Pedestrian:0,255,0::",
    ]


@pytest.mark.validators
def test_datumaro_and_supervision_read_it(tmp_path: Path) -> None:
    media = [medium("m1", "a.jpg"), medium("m2", "b c.jpg"), medium("m3", "d.mp4", 3)]
    objects = [
        labeled("o1", keyframe(0, 1, 2, 30, 40), category="Pedestrian", attributes={"mood": "good"}),
        shape_object("o2", Polygon(parts=[Part(outer=RING)]), media_id="m2"),
        shape_object("o3", Bitmap(x=0, y=0, width=3, height=2, runs=[1, 5]), media_id="m2"),
        shape_object("o4", ImageTag(), media_id="m2"),
        labeled("o5", keyframe(0, 0, 0, 10, 10), keyframe(2, 4, 0, 14, 10), media_id="m3"),
    ]
    made = dataset(media, objects, images=black)

    folder = unpacked(archive(NAME, made), tmp_path)
    datumaro, supervision = validated("voc", folder), validated("voc_supervision", folder)

    assert datumaro["labels"] == ["background", "Vehicle", "Pedestrian"]
    items = datumaro["items"]
    assert sorted(items) == [
        "default:a",
        "default:b c",
        "default:d/frame_000000",
        "default:d/frame_000001",
        "default:d/frame_000002",
    ]
    plain = {"difficult": False, "truncated": False, "occluded": False}
    assert items["default:a"] == [
        {"type": "bbox", "label": "Pedestrian", "at": [1, 2, 30, 40], "attributes": plain | {"mood": "good"}}
    ]
    assert sorted((each["type"], each["label"], each.get("pixels")) for each in items["default:b c"]) == [
        ("label", "Vehicle", None),
        ("mask", "Vehicle", 5),
        ("mask", "Vehicle", 2000),
    ]
    (halfway,) = items["default:d/frame_000001"]
    assert halfway["at"] == [2, 0, 12, 10]
    assert halfway["attributes"] == plain | {"track_id": "3", "keyframe": "False"}
    # supervision counts pixels from 1, as the PASCAL challenge does.
    assert supervision["a.jpg"] == [["Pedestrian", 0, 1, 30, 40]]
    words = pascal_voc_format.FORMAT.capabilities.changed
    assert dropped(made) == {words["polygon"]: 1, words["bitmap"]: 1}


def test_tags_are_listed_for_frames_that_have_any() -> None:
    spans = [Keyframe(frame=1, geometry=ImageTag()), Keyframe(frame=2, geometry=ImageTag(), outside=True)]
    objects = [
        labeled("o1", *spans, annotation_type="label", attributes={"truncated-1": "No"}),
        shape_object("o2", ImageTag(), media_id="m2", category="Pedestrian"),
    ]
    made = dataset([medium(frames=3), medium("m2", "b.jpg")], objects)

    files = archive(NAME, made)

    assert files["ImageSets/Main/Vehicle_default.txt"] == b"a/frame_000001  1\nb -1\n"
    assert files["ImageSets/Main/Pedestrian_default.txt"] == b"a/frame_000001 -1\nb  1\n"
    assert dropped(made) == {pascal_voc.TAG_ATTRIBUTES: 1}


def test_frames_with_areas_have_masks_and_are_listed() -> None:
    made = dataset(
        [medium(frames=3)],
        [
            shape_object("o1", Circle(cx=50, cy=50, r=10), frame=1),
            shape_object("o2", Polyline(points=[(0, 0), (1, 1)])),
        ],
    )

    files = archive(NAME, made)

    assert files["ImageSets/Segmentation/default.txt"] == b"a/frame_000001\na/frame_000002\n"
    painted = cv2.imdecode(np.frombuffer(files["SegmentationClass/a/frame_000001.png"], np.uint8), cv2.IMREAD_COLOR_RGB)
    assert painted is not None
    assert painted.shape == (480, 640, 3)
    assert painted[50, 50].tolist() == [255, 0, 0]
    result = [ElementTree.fromstring(files[f"Annotations/a/frame_{n:06d}.xml"]).findtext("segmented") for n in range(3)]
    assert result == ["0", "1", "1"]
    assert dropped(made) == {pascal_voc_format.FORMAT.capabilities.changed["circle"]: 1, "lost_polyline": 1}


def test_hostile_names_are_safe_in_lists_and_survive_in_xml() -> None:
    hostile = "a/..\\'\"<&>%s 夜\x01"
    mission = Mission(id="m", name="M", categories=[Category(name=hostile, color="#010203")])
    objects = [
        labeled("o1", mission="m", category=hostile, attributes={"<n%>": "line\nbreak"}),
        shape_object("o2", ImageTag(), mission="m", category=hostile),
    ]
    made = dataset([medium("m1", "../é %d.jpg")], objects, [mission])

    files = archive(NAME, made)

    result = ElementTree.fromstring(files["Annotations/é %d.xml"])
    assert result.findtext("object/name") == "a/..\\'\"<&>%s 夜"
    assert result.findtext("object/attributes/attribute/name") == "<n%>"
    assert result.findtext("object/attributes/attribute/value") == "line\nbreak"
    assert "ImageSets/Main/a_.._'__&_%s 夜_default.txt" in files
    assert dropped(made) == {REPLACED: 2}


@pytest.mark.validators
def test_subsets_have_lists_of_their_own(tmp_path: Path) -> None:
    made = dataset(
        [medium("m1", "a.jpg"), medium("m2", "b.jpg")], [shape_object("o1", ImageTag(), media_id="m2")], images=black
    )
    object.__setattr__(made.media[0], "subset", "train")
    object.__setattr__(made.media[1], "subset", "val")

    files = archive(NAME, made)

    assert files["ImageSets/Main/train.txt"] == b"a\n"
    assert files["ImageSets/Main/val.txt"] == b"b\n"
    items = validated("voc", unpacked(files, tmp_path))["items"]
    assert {item: len(each) for item, each in items.items()} == {"train:a": 0, "val:b": 1}


def test_an_archive_without_labels_is_complete() -> None:
    made = dataset([medium("m1", "a.jpg")])

    assert list(archive(NAME, made)) == ["Annotations/a.xml", "ImageSets/Main/default.txt", "labelmap.txt"]
    assert dropped(made) == {}
    assert Feature.BEHAVIORS.loss in pascal_voc_format.FORMAT.losses
