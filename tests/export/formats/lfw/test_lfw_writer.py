"""LFW 1.0, validated by Datumaro."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from common.contract.labels import ObjectState
from common.contract.missions import Category, Mission
from common.geometry.types import ImageTag, Points
from export.dataset.image_tags import FURTHER
from export.dataset.known_attributes import OTHER_ATTRIBUTES
from export.dataset.texts import REPLACED
from export.formats.lfw import format as lfw_format
from export.formats.lfw.writer import NO_PAIRS
from export.formats.vggface2.writer import NOT_FIVE
from tests.export.made import archive, dataset, dropped, every_frame, labeled, medium, shape_object
from tests.export.validation import unpacked, validated

NAME = "LFW 1.0"
FIVE: list[Any] = [(1, 2), (3, 4), (5, 6), (7, 8), (9, 10.5)]
NAMES = ["Ada_L", "bo b"]
PEOPLE = Mission(id="p", name="People", categories=[Category(name=name, color="#000000") for name in NAMES])
MEDIA = [
    medium("m1", "Ada_L_0001.jpg"),
    medium("m2", "Ada_L_0012.png", content_type="image/png"),
    medium("m3", "dir/b c.jpg"),
    medium("m4", "v.mp4", 2),
]


def face(media_id: str, name: str, **attributes: Any) -> ObjectState:
    return shape_object(
        f"t-{media_id}", ImageTag(), media_id=media_id, mission="p", category=name, attributes=attributes
    )


OBJECTS = [
    face("m1", "Ada_L", positive_pairs="Ada_L/Ada_L_0012", negative_pairs="bo b/dir_b c; v_frame_000000"),
    face("m2", "Ada_L"),
    face("m3", "bo b"),
    shape_object("o1", Points(points=FIVE), media_id="m3", mission="p", category="bo b"),
]


def test_people_pairs_and_landmarks_are_written() -> None:
    made = dataset(MEDIA, OBJECTS, [PEOPLE], images=every_frame)

    files = archive(NAME, made)

    assert files == {
        "default/annotations/pairs.txt": b"Ada_L\t1\t12\nAda_L\t1\tbo b\tdir_b c\nAda_L\t1\t-\tv_frame_000000\n"
        b"Ada_L/Ada_L_0012\nbo b/dir_b c\nv_frame_000000\nv_frame_000001\n",
        "default/annotations/landmarks.txt": b"bo b/dir_b c.jpg\t"
        b"1.00\t2.00\t3.00\t4.00\t5.00\t6.00\t7.00\t8.00\t9.00\t10.50\n",
        "default/annotations/people.txt": b"Ada_L\t2\nbo b\t1\n",
        "default/images/Ada_L/Ada_L_0001.jpg": b"m1 0",
        "default/images/Ada_L/Ada_L_0012.png": b"m2 0",
        "default/images/bo b/dir_b c.jpg": b"m3 0",
        "default/images/v_frame_000000.jpg": b"m4 0",
        "default/images/v_frame_000001.jpg": b"m4 1",
    }
    assert dropped(made) == {}


@pytest.mark.validators
def test_datumaro_reads_it(tmp_path: Path) -> None:
    made = dataset(MEDIA, OBJECTS, [PEOPLE], images=every_frame)
    made.media = [replace(each, subset="train") for each in made.media]

    read = validated("named_by_folder", unpacked(archive(NAME, made), tmp_path / "lfw"))

    assert read["labels"] == NAMES
    items = read["items"]
    assert set(items) == {"Ada_L_0001", "Ada_L_0012", "dir_b c", "v_frame_000000", "v_frame_000001"}
    assert {item["subset"] for item in items.values()} == {"train"}
    (ada,) = items["Ada_L_0001"]["annotations"]
    assert ada["label"] == "Ada_L"
    assert ada["attributes"] == {
        "positive_pairs": ["Ada_L/Ada_L_0012"],
        "negative_pairs": ["bo b/dir_b c", "v_frame_000000"],
    }
    label, points = items["dir_b c"]["annotations"]
    assert (label["label"], points["label"]) == ("bo b", "bo b")
    assert points["points"] == [side for point in FIVE for side in point]
    assert items["v_frame_000001"]["annotations"] == []


def test_ambiguous_pairs_are_reported_as_lost() -> None:
    media = [medium("m1", "17.jpg"), medium("m2", "x.jpg"), medium("m3", "y.jpg")]
    result = [
        face("m1", "Ada_L", positive_pairs="x"),
        face("m2", "Ada_L", positive_pairs="17;bo b/y", negative_pairs="a/b/c"),
        face("m3", "bo b", positive_pairs="", negative_pairs="Ada_L/x"),
    ]

    made = dataset(media, result, [PEOPLE])

    assert archive(NAME, made)["default/annotations/pairs.txt"] == b"bo b\ty\tAda_L\tx\nAda_L/17\nAda_L/x\n"
    assert dropped(made) == {NO_PAIRS: 4}


def test_unsupported_content_is_reported_as_lost() -> None:
    odd = Mission(id="o", name="O", categories=[Category(name=name, color="#000000") for name in ("-", "a/b")])
    objects = [
        shape_object("t1", ImageTag(), mission="o", category="-", attributes={"mood": "sad"}),
        shape_object("o1", Points(points=FIVE), mission="o", category="a/b"),
        shape_object("o2", Points(points=FIVE[:2])),
        labeled("o3"),
    ]

    made = dataset([medium("m1", "x.jpg")], objects, [odd])
    files = archive(NAME, made)

    assert files["default/annotations/people.txt"] == b"-_2\t1\na_b\t0\nvehicle-1\t0\n"
    assert dropped(made) == {OTHER_ATTRIBUTES: 1, NOT_FIVE: 1, FURTHER: 1, REPLACED: 2, "lost_bbox": 1}
    assert set(dropped(made)) <= set(lfw_format.FORMAT.losses)


def test_without_labels_the_archive_lists_the_images() -> None:
    assert archive(NAME, dataset([medium("m1", "x.jpg")], missions=[PEOPLE])) == {
        "default/annotations/pairs.txt": b"x\n",
        "default/annotations/people.txt": b"Ada_L\t0\nbo b\t0\n",
    }
