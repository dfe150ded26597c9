"""YOLO 1.1, also read back by Datumaro."""

from pathlib import Path

import pytest

from common.contract.missions import Category, Mission
from common.contract.questions import SubsetSplit
from common.geometry.types import Part, Polygon
from export.dataset.capabilities import Feature
from export.dataset.rows import AROUND, CUT, NOTHING
from export.dataset.split import FrameSelection
from export.dataset.texts import REPLACED
from tests.export.jpegs import jpegs
from tests.export.made import archive, dataset, dropped, every_frame, keyframe, labeled, medium, shape_object
from tests.export.validation import unpacked, validated

NAME = "YOLO 1.1"


def test_every_frame_has_a_file_of_boxes_relative_to_the_image() -> None:
    media = [medium("m1", "a.mp4", 3), medium("m2", "b c.jpg")]
    car = labeled("o1", keyframe(0, 0, 0, 64, 48), keyframe(1, 64, 48, 128, 96), keyframe(2, outside=True))
    walker = labeled("o2", keyframe(0, 320, 240, 640, 480), media_id="m2", category="Pedestrian")

    made = dataset(media, [car, walker])

    assert archive(NAME, made) == {
        "train.txt": b"data/obj_train_data/a/frame_000000.jpg\n"
        b"data/obj_train_data/a/frame_000001.jpg\n"
        b"data/obj_train_data/a/frame_000002.jpg\n"
        b"data/obj_train_data/b c.jpg\n",
        "obj_train_data/a/frame_000000.txt": b"0 0.050000 0.050000 0.100000 0.100000\n",
        "obj_train_data/a/frame_000001.txt": b"0 0.150000 0.150000 0.100000 0.100000\n",
        "obj_train_data/a/frame_000002.txt": b"",
        "obj_train_data/b c.txt": b"1 0.750000 0.750000 0.500000 0.500000\n",
        "obj.names": b"Vehicle\nPedestrian\n",
        "obj.data": b"classes = 2\ntrain = data/train.txt\nnames = data/obj.names\nbackup = backup/\n",
    }
    assert dropped(made) == {Feature.TRACKS.loss: 1}


@pytest.mark.validators
def test_datumaro_reads_every_frame_and_box(tmp_path: Path) -> None:
    media = [medium("m1", "a.mp4", 3), medium("m2", "b.jpg"), medium("m3", "b.png", content_type="image/png")]
    car = labeled("o1", keyframe(0, 10.25, 20, 30.5, 60), keyframe(2, 20.25, 30, 40.5, 70))
    walker = labeled("o2", keyframe(0, 1, 2, 4, 8), media_id="m3", category="Pedestrian")

    result = validated("yolo_datumaro", unpacked(archive(NAME, dataset(media, [car, walker], images=jpegs)), tmp_path))

    assert result == {
        "labels": ["Vehicle", "Pedestrian"],
        "subsets": ["train"],
        "items": {
            "a/frame_000000": [["Vehicle", 10.25, 20.0, 30.5, 60.0]],
            "a/frame_000001": [["Vehicle", 15.25, 25.0, 35.5, 65.0]],
            "a/frame_000002": [["Vehicle", 20.25, 30.0, 40.5, 70.0]],
            "b": [],
            "b (2)": [["Pedestrian", 1.0, 2.0, 4.0, 8.0]],
        },
    }


def test_boxes_are_clipped_to_the_image_and_counted() -> None:
    half = labeled("o1", keyframe(0, -64, 0, 64, 48))
    gone = labeled("o2", keyframe(0, 640, 0, 700, 48))
    flat = labeled("o3", keyframe(0, 10, 10, 10, 20))
    turned_about = labeled("o4", keyframe(0, 64, 48, 0, 0))

    made = dataset([medium("m1", "a.jpg")], [half, gone, flat, turned_about])
    rows = archive(NAME, made)["obj_train_data/a.txt"]

    assert rows == b"0 0.050000 0.050000 0.100000 0.100000\n" * 2
    assert dropped(made) == {CUT: 1, NOTHING: 2}


def test_a_rotated_box_becomes_its_axis_aligned_bounding_box() -> None:
    turned = labeled("o1", keyframe(0, 100, 100, 200, 120, 90))

    made = dataset([medium("m1", "a.jpg", width=200, height=200)], [turned])
    rows = archive(NAME, made)["obj_train_data/a.txt"]

    assert [float(word) for word in rows.split()] == pytest.approx([0, 0.75, 0.55, 0.1, 0.5])
    assert dropped(made) == {AROUND: 1}


def test_names_are_unique_single_lines() -> None:
    names = ["traffic light", "two\nlines", "two lines", " 夜 ", "a/b\\c", '"q"']
    mission = Mission(id="m", name="M", categories=[Category(name=name, color="#000000") for name in names])

    made = dataset([medium("m1", "a.jpg")], missions=[mission])
    lines = archive(NAME, made)["obj.names"].decode().splitlines()

    assert len(set(lines)) == len(names)
    assert lines[0] == "traffic light"
    assert [lines[at] for at in (3, 4, 5)] == ["夜", "a/b\\c", '"q"']
    assert all(line == line.strip() for line in lines)
    assert dropped(made)[REPLACED] >= 2


def test_other_shapes_are_left_out_and_counted() -> None:
    area = shape_object("o1", Polygon(parts=[Part(outer=[(0, 0), (5, 0), (5, 5)])]))

    made = dataset([medium("m1", "a.jpg")], [area])

    assert archive(NAME, made)["obj_train_data/a.txt"] == b""
    assert dropped(made) == {"lost_polygon": 1}


def test_images_are_stored_beside_their_boxes() -> None:
    files = archive(NAME, dataset([medium("m1", "a.mp4", 2), medium("m2", "x/b.jpg")], images=every_frame))

    assert files["obj_train_data/a/frame_000001.jpg"] == b"m1 1"
    assert files["obj_train_data/x/b.jpg"] == b"m2 0"
    assert all(line.removeprefix("data/") in files for line in files["train.txt"].decode().splitlines())


def test_subsets_are_lists_of_their_own_with_the_same_classes() -> None:
    media = [medium(f"m{number}", f"{number}.jpg") for number in range(4)]
    objects = [labeled(f"o{number}", media_id=f"m{number}", category=f"class {number}") for number in range(4)]

    made = FrameSelection(split=SubsetSplit(train=0.5, val=0.5, test=0, seed=1)).narrowed(dataset(media, objects))
    files = archive(NAME, made)

    lists = {name: files[name].decode().split() for name in ("train.txt", "val.txt")}
    assert [len(each) for each in lists.values()] == [2, 2]
    assert "test.txt" not in files
    assert "train = data/train.txt\nval = data/val.txt\n" in files["obj.data"].decode()
    names = files["obj.names"].decode().splitlines()
    for path in (path for each in lists.values() for path in each):
        text = files[path.removeprefix("data/").replace(".jpg", ".txt")].decode()
        number = Path(path).stem
        assert names[int(text.split()[0])] == f"class {number}"


def test_an_archive_without_labels_is_complete() -> None:
    assert archive(NAME, dataset([medium("m1", "a.jpg")], missions=[])) == {
        "train.txt": b"data/obj_train_data/a.jpg\n",
        "obj_train_data/a.txt": b"",
        "obj.names": b"",
        "obj.data": b"classes = 0\ntrain = data/train.txt\nnames = data/obj.names\nbackup = backup/\n",
    }
