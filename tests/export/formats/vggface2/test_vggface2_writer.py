"""VGGFace2 1.0, validated by Datumaro."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from common.contract.missions import Category, Mission
from common.geometry.types import ImageTag, Points
from export.dataset.image_tags import FURTHER
from export.dataset.rows import AROUND
from export.dataset.texts import REPLACED
from export.formats.vggface2 import format as vggface2_format
from export.formats.vggface2.writer import NOT_FIVE, OTHERS
from tests.export.made import archive, dataset, dropped, every_frame, keyframe, labeled, medium, shape_object
from tests.export.validation import unpacked, validated

NAME = "VGGFace2 1.0"
FIVE: list[Any] = [(1, 2), (3, 4), (5, 6), (7, 8), (9, 10.5)]
PEOPLE = Mission(id="p", name="People", categories=[Category(name=name, color="#000000") for name in ("ada", "bo b")])
MEDIA = [medium("m1", "a.mp4", 2), medium("m2", "dir/b c.jpg"), medium("m3", "empty.jpg"), medium("m4", "tag.jpg")]
OBJECTS = [
    labeled("o1", keyframe(0, 0, 0, 10, 20), keyframe(1, 2, 2, 12, 22), mission="p", category="ada"),
    shape_object("o2", Points(points=FIVE), media_id="m2", mission="p", category="bo b"),
    labeled("o3", keyframe(0, 1, 1, 5, 5), media_id="m2", mission="p", category="bo b"),
    shape_object("t1", ImageTag(), media_id="m4", mission="p", category="ada"),
]
LANDMARKS = "NAME_ID,P1X,P1Y,P2X,P2Y,P3X,P3Y,P4X,P4Y,P5X,P5Y"


def test_every_image_is_a_row_and_stored_in_the_folder_of_its_class() -> None:
    made = dataset(MEDIA, OBJECTS, [PEOPLE], images=every_frame)

    files = archive(NAME, made)

    assert files == {
        "bb_landmark/loose_landmark_default.csv": "\r\n".join(
            [
                LANDMARKS,
                f"ada/a/frame_000000{',' * 10}",
                f"ada/a/frame_000001{',' * 10}",
                "bo_b/dir/b c,1.00,2.00,3.00,4.00,5.00,6.00,7.00,8.00,9.00,10.50",
                f"ada/tag{',' * 10}",
                f"no_label/empty{',' * 10}",
                "",
            ]
        ).encode(),
        "bb_landmark/loose_bb_default.csv": b"NAME_ID,X,Y,W,H\r\nada/a/frame_000000,0.00,0.00,10.00,20.00\r\n"
        b"ada/a/frame_000001,2.00,2.00,10.00,20.00\r\nbo_b/dir/b c,1.00,1.00,4.00,4.00\r\n",
        "labels.txt": b"ada\nbo_b\n",
        "default/ada/a/frame_000000.jpg": b"m1 0",
        "default/ada/a/frame_000001.jpg": b"m1 1",
        "default/bo_b/dir/b c.jpg": b"m2 0",
        "default/no_label/empty.jpg": b"m3 0",
        "default/ada/tag.jpg": b"m4 0",
    }
    assert dropped(made) == {"lost_tracks": 1, REPLACED: 1}


@pytest.mark.validators
def test_datumaro_reads_it(tmp_path: Path) -> None:
    made = dataset(MEDIA, OBJECTS, [PEOPLE], images=every_frame)
    made.media = [replace(each, subset="val" if each.kind == "video" else "train") for each in made.media]

    read = validated("named_by_folder", unpacked(archive(NAME, made), tmp_path / "vgg_face2"))

    assert read["labels"] == ["ada", "bo_b"]
    items = read["items"]
    assert {name: item["subset"] for name, item in items.items()} == {
        "ada/a/frame_000000": "val",
        "ada/a/frame_000001": "val",
        "bo_b/dir/b c": "train",
        "ada/tag": "train",
        "no_label/empty": "train",
    }
    landmarks, box = items["bo_b/dir/b c"]["annotations"]
    assert (landmarks["label"], landmarks["points"]) == ("bo_b", [side for point in FIVE for side in point])
    assert (box["label"], box["box"]) == ("bo_b", [1, 1, 4, 4])
    assert [annotation["type"] for annotation in items["ada/tag"]["annotations"]] == ["label"]
    assert items["no_label/empty"]["annotations"] == []
    assert items["ada/a/frame_000001"]["path"] == "val/ada/a/frame_000001.jpg"


def test_unsupported_content_is_reported_as_lost() -> None:
    objects = [
        shape_object("t1", ImageTag()),
        labeled("o1", keyframe(0, 0, 0, 10, 20, 90), category="Pedestrian"),
        labeled("o2"),
        shape_object("o3", Points(points=FIVE[:3])),
        shape_object("o4", Points(points=FIVE), attributes={"mood": "sad"}),
    ]

    made = dataset([medium("m1", "x.jpg")], objects)
    files = archive(NAME, made)

    assert files["bb_landmark/loose_bb_default.csv"].endswith(b"Vehicle/x,-5.00,5.00,20.00,10.00\r\n")
    assert dropped(made) == {OTHERS: 1, NOT_FIVE: 1, FURTHER: 1, AROUND: 1, "lost_attributes": 1}
    assert set(dropped(made)) <= set(vggface2_format.FORMAT.losses)


def test_without_boxes_there_is_no_box_table() -> None:
    assert archive(NAME, dataset([medium("m1", "x.jpg")])) == {
        "bb_landmark/loose_landmark_default.csv": f"{LANDMARKS}\r\nno_label/x{',' * 10}\r\n".encode(),
        "labels.txt": b"Vehicle\nPedestrian\n",
    }
