"""Ultralytics YOLO Detection and Detection Track, also read back by supervision."""

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from common.contract.labels import ObjectState
from common.contract.missions import Category, Mission
from common.contract.questions import SubsetSplit
from export.dataset.capabilities import Feature
from export.dataset.rows import AROUND, CUT
from export.dataset.split import FrameSelection
from export.dataset.texts import REPLACED
from export.formats.yolo.writer_ultralytics import quoted
from tests.export import strategies
from tests.export.jpegs import jpegs
from tests.export.made import archive, dataset, dropped, every_frame, keyframe, labeled, medium
from tests.export.ultralytics_reader import Read
from tests.export.validation import unpacked, validated

DETECTION = "Ultralytics YOLO Detection 1.0"
TRACK = "Ultralytics YOLO Detection Track 1.0"


def test_frames_with_labels_have_a_file_and_all_are_listed() -> None:
    car = labeled("o1", keyframe(0, 0, 0, 64, 48), keyframe(1, 64, 48, 128, 96), keyframe(2, outside=True))
    walker = labeled("o2", keyframe(0, 320, 240, 640, 480), media_id="m2", category="Pedestrian")

    made = dataset([medium("m1", "a.mp4", 3), medium("m2", "b c.jpg")], [car, walker])

    assert archive(DETECTION, made) == {
        "train.txt": b"./images/train/a/frame_000000.jpg\n"
        b"./images/train/a/frame_000001.jpg\n"
        b"./images/train/a/frame_000002.jpg\n"
        b"./images/train/b c.jpg\n",
        "labels/train/a/frame_000000.txt": b"0 0.050000 0.050000 0.100000 0.100000\n",
        "labels/train/a/frame_000001.txt": b"0 0.150000 0.150000 0.100000 0.100000\n",
        "labels/train/b c.txt": b"1 0.750000 0.750000 0.500000 0.500000\n",
        "data.yaml": b"# Ultralytics YOLO Detection 1.0\n"
        b'names:\n  0: "Vehicle"\n  1: "Pedestrian"\npath: .\ntrain: train.txt\n',
    }
    assert dropped(made) == {Feature.TRACKS.loss: 1}


def test_tracks_are_numbered_over_all_videos() -> None:
    media = [medium("m1", "a.mp4", 2), medium("m2", "b.jpg"), medium("m3", "c.mp4", 1)]
    objects = [
        labeled("o1"),
        labeled("o2", keyframe(1, 0, 0, 4, 8), category="Pedestrian"),
        labeled("o3", media_id="m2"),
        labeled("o4", media_id="m3"),
    ]

    made = dataset(media, objects)
    result = Read(archive(TRACK, made)).images()

    assert {image: [row[5:] for row in rows] for image, rows in result.items()} == {
        "a/frame_000000.jpg": [[0]],
        "a/frame_000001.jpg": [[0], [1]],
        "b.jpg": [[]],
        "c/frame_000000.jpg": [[2]],
    }
    assert archive(TRACK, made)["labels/train/c/frame_000000.txt"].endswith(b" 2\n")
    assert dropped(dataset(media, objects)) == {}


@pytest.mark.parametrize("name", [DETECTION, TRACK])
def test_boxes_are_cut_and_rotated_ones_are_upright(name: str) -> None:
    half, turned = labeled("o1", keyframe(0, -64, 0, 64, 48)), labeled("o2", keyframe(0, 100, 100, 200, 120, 90))

    made = dataset([medium("m1", "a.jpg")], [half, turned])
    rows = Read(archive(name, made)).images()["a.jpg"]

    assert rows == [[0, 0.05, 0.05, 0.1, 0.1], [0, 0.234375, 0.229167, 0.03125, 0.208333]]
    assert dropped(made) == {CUT: 1, AROUND: 1}


@pytest.mark.validators
def test_supervision_reads_every_image_and_box(tmp_path: Path) -> None:
    car = labeled("o1", keyframe(0, 10.25, 20, 30.5, 60), keyframe(1, 20.25, 30, 40.5, 70), keyframe(2, outside=True))
    name = "traffic: light #1\n夜"
    light = labeled("o2", keyframe(1, 1, 2, 4, 8), keyframe(2, outside=True), category=name)
    files = archive(DETECTION, dataset([medium("m1", "a.mp4", 3)], [car, light], images=jpegs))
    (tmp_path / "request.json").write_text(json.dumps({"folder": "train/a"}))

    result = validated("ultralytics_supervision", unpacked(files, tmp_path))

    assert result["classes"] == ["Vehicle", "Pedestrian", name]
    boxes = {name: [(each["class"], each["box"]) for each in seen] for name, seen in result["images"].items()}
    assert {name: sorted(seen) for name, seen in boxes.items()} == {
        "frame_000000.jpg": [("Vehicle", [10.25, 20.0, 30.5, 60.0])],
        "frame_000001.jpg": [
            ("Vehicle", [20.25, 30.0, 40.5, 70.0]),
            (name, [1.0, 2.0, 4.0, 8.0]),
        ],
        "frame_000002.jpg": [],
    }


def test_subsets_are_in_the_config_and_have_their_own_images() -> None:
    media = [medium(f"m{number}", f"{number}.jpg") for number in range(4)]
    objects = [labeled(f"o{number}", media_id=f"m{number}", category=f"class {number}") for number in range(4)]

    made = FrameSelection(split=SubsetSplit(train=0.5, val=0.25, test=0.25, seed=3)).narrowed(
        dataset(media, objects, images=every_frame)
    )
    files = archive(DETECTION, made)
    read = Read(files)

    assert {name: read.config[name] for name in ("test", "train", "val")} == {
        "test": "test.txt",
        "train": "train.txt",
        "val": "val.txt",
    }
    assert [len(read.images(subset)) for subset in ("train", "val", "test")] == [2, 1, 1]
    for subset in ("train", "val", "test"):
        for image, rows in read.images(subset).items():
            assert read.names[int(rows[0][0])] == f"class {Path(image).stem}"
            assert files[f"images/{subset}/{image}"] == f"m{Path(image).stem} 0".encode()


def test_labels_are_found_even_if_a_folder_is_named_images() -> None:
    media = [medium("m1", "images.mp4", 1), medium("m2", "images/a.jpg"), medium("m3", "x/images/my images/b.jpg")]
    objects = [labeled(f"o{number}", media_id=f"m{number}") for number in (1, 2, 3)]

    made = dataset(media, objects)
    result = Read(archive(DETECTION, made)).images()

    assert {image: len(rows) for image, rows in result.items()} == {
        "images_/frame_000000.jpg": 1,
        "images_/a.jpg": 1,
        "x/images_/my images/b.jpg": 1,
    }
    assert dropped(made)[REPLACED] == 3


@pytest.mark.parametrize("name", [DETECTION, TRACK])
@given(written=strategies.projects(reach=700, most=5))
def test_every_row_is_one_that_trainers_read(name: str, written: list[ObjectState]) -> None:
    media = [medium("m1", "a.mp4", 3), medium("m2", "b.mp4", 3), medium("i1", "c.jpg")]

    assert len(Read(archive(name, dataset(media, written))).images()) == 7


whole = st.integers(0, 640)


@given(whole, whole, whole, whole)
def test_boxes_inside_the_image_survive_a_round_trip(x1: int, y1: int, x2: int, y2: int) -> None:
    result = labeled("o1", keyframe(0, x1, y1, x2, y2))

    made = dataset([medium("m1", "a.jpg", width=640, height=640)], [result])
    rows = Read(archive(DETECTION, made)).images()["a.jpg"]

    exact = [0, (x1 + x2) / 1280, (y1 + y2) / 1280, abs(x2 - x1) / 640, abs(y2 - y1) / 640]
    assert rows == ([pytest.approx(exact, abs=1e-6)] if x1 != x2 and y1 != y2 else [])


@given(st.text(min_size=1))
def test_any_name_of_a_class_survives(name: str) -> None:
    assert yaml.safe_load(quoted(name)) == name


def test_names_need_no_safe_form() -> None:
    names = ["yes", "null", "1", "a: b", '"q"\\', "two\nlines", "\x85\u2028\ufeff", "夜😀"]
    mission = Mission(id="m", name="M", categories=[Category(name=name, color="#000000") for name in names])

    made = dataset([medium("m1", "a.jpg")], missions=[mission])

    assert list(Read(archive(DETECTION, made)).names.values()) == names
    assert dropped(made) == {}


@pytest.mark.parametrize("name", [DETECTION, TRACK])
def test_an_archive_without_labels_is_complete(name: str) -> None:
    assert archive(name, dataset([medium("m1", "a.jpg")], missions=[])) == {
        "train.txt": b"./images/train/a.jpg\n",
        "data.yaml": f"# {name}\nnames: {{}}\npath: .\ntrain: train.txt\n".encode(),
    }
