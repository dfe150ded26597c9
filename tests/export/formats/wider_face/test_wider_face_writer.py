"""WiderFace 1.0, validated by Datumaro."""

from dataclasses import replace
from pathlib import Path

import pytest

from common.contract.missions import Category, Mission
from common.geometry.types import ImageTag
from export.dataset.image_tags import FURTHER
from export.dataset.known_attributes import OTHER_ATTRIBUTES
from export.dataset.rows import AROUND
from export.dataset.texts import REPLACED
from export.formats.wider_face import format as wider_face_format
from tests.export.made import archive, dataset, dropped, every_frame, keyframe, labeled, medium, shape_object
from tests.export.validation import unpacked, validated

NAME = "WiderFace 1.0"
TEXT = "wider_face_split/wider_face_default_bbx_gt.txt"
FACES = Mission(
    id="f",
    name="Faces",
    categories=[Category(name=name, color="#000000") for name in ["face", "Parade", "some one"]],
)
MEDIA = [medium("m1", "a.mp4", 3), medium("m2", "dir/b c.jpg"), medium("m3", "empty.jpg")]
SAID = {"blur": 2.0, "expression": "very sad", "invalid": False}
OBJECTS = [
    labeled("o1", keyframe(0, 0, 0, 64, 48), keyframe(2, 32.004, 24, 96, 72), mission="f", category="face"),
    labeled("o2", keyframe(0, 1, 2, 4, 8, occluded=True), media_id="m2", mission="f", category="some one"),
    labeled("o3", keyframe(0, 1, 2, 3, 4), media_id="m2", mission="f", category="face", attributes=SAID),
    shape_object("t1", ImageTag(), media_id="m2", mission="f", category="Parade"),
]


def test_each_image_is_a_block_with_a_count_if_it_has_boxes() -> None:
    made = dataset(MEDIA, OBJECTS, [FACES])

    files = archive(NAME, made)

    assert files == {
        TEXT: b"no_label/a/frame_000000.jpg\n1\n0.00 0.00 64.00 48.00\n"
        b"no_label/a/frame_000001.jpg\n1\n16.00 12.00 64.00 48.00\n"
        b"no_label/a/frame_000002.jpg\n1\n32.00 24.00 64.00 48.00\n"
        b"1--Parade/dir/b c.jpg\n2\n1.00 2.00 2.00 2.00 2 very_sad - - - False\n"
        b"1.00 2.00 3.00 6.00 - - - True - - some_one\n"
        b"no_label/empty.jpg\n",
        "labels.txt": b"face\nParade\nsome_one",
    }
    assert dropped(made) == {"lost_tracks": 1, REPLACED: 2}


@pytest.mark.validators
def test_datumaro_reads_it(tmp_path: Path) -> None:
    read = validated(
        "named_by_folder", unpacked(archive(NAME, dataset(MEDIA, OBJECTS, [FACES])), tmp_path / "wider_face")
    )

    assert read["labels"] == ["face", "Parade", "some_one"]
    result = {name: item["annotations"] for name, item in read["items"].items()}
    assert list(result) == [*(f"a/frame_00000{number}" for number in range(3)), "dir/b c", "empty"]
    assert result["a/frame_000001"] == [{"type": "bbox", "label": "face", "box": [16, 12, 64, 48], "attributes": {}}]
    assert result["empty"] == []
    tag, small, large = result["dir/b c"]
    assert tag == {"type": "label", "label": "Parade", "attributes": {}}
    assert small["attributes"] == {"blur": "2", "expression": "very_sad", "invalid": False}
    assert (large["label"], large["attributes"]) == ("some_one", {"occluded": True})


def test_images_are_stored_at_the_paths_in_the_text() -> None:
    made = dataset(MEDIA, OBJECTS, [FACES], images=every_frame)
    made.media = [replace(each, subset="val" if each.kind == "video" else "train") for each in made.media]

    files = archive(NAME, made)

    for subset in ("train", "val"):
        text = files[f"wider_face_split/wider_face_{subset}_bbx_gt.txt"].decode()
        paths = {line for line in text.splitlines() if "/" in line}
        begin = f"WIDER_{subset}/images/"
        assert {name.removeprefix(begin) for name in files if name.startswith(begin)} == paths
    assert files["WIDER_train/images/1--Parade/dir/b c.jpg"] == b"m2 0"


@pytest.mark.validators
def test_hostile_classes_are_one_word_everywhere(tmp_path: Path) -> None:
    names = ["a/b.c", "two words", "two\nwords", "x--y", "no_label", "夜", "..", "7"]
    mission = Mission(id="h", name="H", categories=[Category(name=name, color="#000000") for name in names])
    media = [medium("m1", "x.jpg"), *(medium(f"n{at}", f"{at}.jpg") for at in range(len(names)))]
    boxes = [labeled(f"b{at}", mission="h", category=name) for at, name in enumerate(names)]
    tags = [
        shape_object(f"t{at}", ImageTag(), media_id=f"n{at}", mission="h", category=name)
        for at, name in enumerate(names)
    ]

    made = dataset(media, boxes + tags, [mission])
    read = validated("named_by_folder", unpacked(archive(NAME, made), tmp_path / "wider_face"))

    safe = ["a_b.c", "two_words", "two_words_2", "x-y", "no_label_2", "夜", "file", "7"]
    assert sorted(read["labels"]) == sorted(safe)
    assert sorted(annotation["label"] for annotation in read["items"]["x"]["annotations"]) == sorted(safe)
    assert sorted(read["items"][str(at)]["annotations"][0]["label"] for at in range(len(names))) == sorted(safe)
    assert dropped(made) == {REPLACED: 6}


def test_unsupported_content_is_reported_as_lost() -> None:
    objects = [
        labeled("o1", keyframe(0, 0, 0, 10, 10, 90), attributes={"color": "red", "pose": "a/b"}),
        shape_object("t1", ImageTag()),
        shape_object("t2", ImageTag(), category="Pedestrian"),
    ]

    made = dataset([medium("m1", "x.jpg")], objects)
    archive(NAME, made)

    assert dropped(made) == {OTHER_ATTRIBUTES: 1, FURTHER: 1, AROUND: 1, REPLACED: 1}
    assert set(dropped(made)) <= set(wider_face_format.FORMAT.losses)


def test_without_labels_the_archive_lists_the_images() -> None:
    assert archive(NAME, dataset([medium("m1", "x.jpg")])) == {
        TEXT: b"no_label/x.jpg\n",
        "labels.txt": b"Vehicle\nPedestrian",
    }
