"""Market-1501 1.0, validated by Datumaro."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from common.contract.labels import Keyframe, ObjectState
from common.contract.missions import Category, Mission
from common.geometry.types import ImageTag
from export.dataset.known_attributes import OTHER_ATTRIBUTES
from export.formats.market1501 import format as market1501_format
from export.formats.market1501.writer import CLASSES, NO_NUMBER, RENAMED, TAKEN
from tests.export.made import archive, dataset, dropped, every_frame, labeled, medium, shape_object
from tests.export.validation import unpacked, validated

NAME = "Market-1501 1.0"
MISSION = Mission(id="m", name="M", categories=[Category(name="market-1501", color="#000000")])
MEDIA = [
    medium("m1", "a.mp4", 2),
    medium("m2", "dir/b c.jpg"),
    medium("m3", "0002_c1s1_000000_00.jpg"),
    medium("m4", "q.png", content_type="image/png"),
]


def person(media_id: str, person_id: Any, **attributes: Any) -> ObjectState:
    texts = {"person_id": person_id, **attributes}
    return shape_object(
        f"t-{media_id}", ImageTag(), media_id=media_id, mission="m", category="market-1501", attributes=texts
    )


OBJECTS = [
    person("m1", "0001", camera_id=2.0, track_id=3.0),
    person("m4", 2.0, query=True, bbox_id=7.0, frame_id=15.0),
]


def test_names_contain_person_and_camera() -> None:
    made = dataset(MEDIA, OBJECTS, [MISSION], images=every_frame)

    files = archive(NAME, made)

    assert files == {
        "images_default.txt": b"bounding_box_default/0002_c1s1_000000_00.jpg\n"
        b"bounding_box_default/0001_c3s3_000000_00.jpg\nbounding_box_default/0001_c3s3_000001_00.jpg\n"
        b"bounding_box_default/dir/b c.jpg\nquery/2_c1s1_000015_07.png\n",
        "names.txt": b"bounding_box_default/0001_c3s3_000000_00.jpg\ta/frame_000000.jpg\n"
        b"bounding_box_default/0001_c3s3_000001_00.jpg\ta/frame_000001.jpg\nquery/2_c1s1_000015_07.png\tq.png\n",
        "bounding_box_default/0002_c1s1_000000_00.jpg": b"m3 0",
        "bounding_box_default/0001_c3s3_000000_00.jpg": b"m1 0",
        "bounding_box_default/0001_c3s3_000001_00.jpg": b"m1 1",
        "bounding_box_default/dir/b c.jpg": b"m2 0",
        "query/2_c1s1_000015_07.png": b"m4 0",
    }
    assert dropped(made) == {RENAMED: 3}


@pytest.mark.validators
def test_datumaro_reads_it(tmp_path: Path) -> None:
    made = dataset(MEDIA, OBJECTS, [MISSION])
    made.media = [replace(each, subset="val" if each.kind == "video" else "train") for each in made.media]

    read = validated("named_by_folder", unpacked(archive(NAME, made), tmp_path / "market1501"))["items"]

    assert read["0001_c3s3_000001_00"]["subset"] == "val"
    assert read["0001_c3s3_000001_00"]["attributes"] == {
        "person_id": "0001",
        "camera_id": 2,
        "track_id": 3,
        "frame_id": 1,
        "bbox_id": 0,
        "query": False,
    }
    assert read["0002_c1s1_000000_00"]["attributes"]["person_id"] == "0002"
    assert read["dir/b c"]["attributes"] == {}
    assert read["2_c1s1_000015_07"]["attributes"]["bbox_id"] == 7


def test_image_names_are_unique() -> None:
    media = [medium("m1", "a.mp4", 3), *(medium(f"i{at}", f"{at}.jpg") for at in range(3))]
    kept = medium("k", "5_c1s1_000001_00.jpg")
    people = [person("m1", "5", frame_id=0.0), *(person(f"i{at}", "5") for at in range(3))]

    made = dataset([*media, kept], people, [MISSION])
    lines = archive(NAME, made)["images_default.txt"].decode().splitlines()

    assert len(set(lines)) == len(lines) == 7
    assert lines[:3] == [f"bounding_box_default/5_c1s1_00000{number}_00.jpg" for number in (0, 2, 3)]
    assert dropped(made) == {RENAMED: 6, TAKEN: 3}


def test_unsupported_content_is_reported_as_lost() -> None:
    frames = [Keyframe(frame=0, geometry=ImageTag(), attributes={"person_id": "somebody", "mood": "sad"})]
    objects = [
        labeled("t1", *frames, annotation_type="label", mission="m", category="market-1501"),
        shape_object("t2", ImageTag()),
        labeled("o1"),
    ]

    made = dataset([medium("m1", "x.jpg")], objects, [MISSION])
    files = archive(NAME, made)

    assert files == {"images_default.txt": b"bounding_box_default/x.jpg\n"}
    assert dropped(made) == {CLASSES: 1, OTHER_ATTRIBUTES: 1, NO_NUMBER: 1, "lost_bbox": 1}
    assert set(dropped(made)) <= set(market1501_format.FORMAT.losses)
