"""Ultralytics YOLO Classification."""

import json
from pathlib import Path

from common.contract.questions import SubsetSplit
from export.dataset.split import FrameSelection
from export.dataset.texts import REPLACED
from tests.export.formats.yolo.yolo_labels import label
from tests.export.made import archive, dataset, dropped, every_frame, labeled, medium
from tests.export.validation import unpacked

NAME = "Ultralytics YOLO Classification 1.0"


def test_images_are_stored_in_the_folder_of_their_first_label() -> None:
    media = [medium("m1", "a.mp4", 3), medium("m2", "x/b.jpg"), medium("m3", "c.jpg")]
    objects = [
        label("o1", "Vehicle", (0, 1)),
        label("o2", "Pedestrian", (0, 2), preferred_at=1.0),
        label("o3", "Vehicle", media_id="m2"),
    ]

    files = archive(NAME, dataset(media, objects, images=every_frame))

    assert json.loads(files.pop("train/labels.json")) == {
        "a/frame_000000": {"labels": ["Pedestrian", "Vehicle"], "path": "train/Pedestrian/a/frame_000000.jpg"},
        "a/frame_000001": {"labels": ["Pedestrian"], "path": "train/Pedestrian/a/frame_000001.jpg"},
        "a/frame_000002": {"labels": [], "path": "train/no_label/a/frame_000002.jpg"},
        "c": {"labels": [], "path": "train/no_label/c.jpg"},
        "x/b": {"labels": ["Vehicle"], "path": "train/Vehicle/x/b.jpg"},
    }
    assert files == {
        "train/Pedestrian/a/frame_000000.jpg": b"m1 0",
        "train/Pedestrian/a/frame_000001.jpg": b"m1 1",
        "train/no_label/a/frame_000002.jpg": b"m1 2",
        "train/Vehicle/x/b.jpg": b"m2 0",
        "train/no_label/c.jpg": b"m3 0",
    }


def test_labels_have_safe_folders_of_their_own_and_true_names_in_the_list() -> None:
    names = ["../up", "no_label", "NO_LABEL", "labels.json", "a/b", "a_b", "CON", "夜\n"]
    media = [medium(f"m{number}", f"{number}.jpg") for number in range(len(names))]
    objects = [label(f"o{number}", name, media_id=f"m{number}") for number, name in enumerate(names)]

    made = dataset(media, objects, images=every_frame)
    files = archive(NAME, made)

    result = json.loads(files["train/labels.json"])
    assert [result[str(number)]["labels"] for number in range(len(names))] == [[name] for name in names]
    folders = {entry["path"].split("/")[1].casefold() for entry in result.values()}
    assert len(folders) == len(names)
    assert folders.isdisjoint({"no_label", "labels.json", "..", "con"})
    assert all(entry["path"] in files and len(entry["path"].split("/")) == 3 for entry in result.values())
    assert dropped(made)[REPLACED] == len(names)


def test_walking_the_folders_gives_every_image_by_label(tmp_path: Path) -> None:
    media = [medium("m1", "a.mp4", 2), medium("m2", "b.jpg")]
    objects = [label("o1", "Vehicle", (0, 1)), label("o2", "Pedestrian", media_id="m2")]

    files = archive(NAME, dataset(media, objects, images=every_frame))

    folder = unpacked(files, tmp_path) / "train"
    classes = sorted(path.name for path in folder.iterdir() if path.is_dir())
    walked = {name: sorted(path.name for path in (folder / name).rglob("*.jpg")) for name in classes}
    assert walked == {
        "Pedestrian": ["b.jpg"],
        "Vehicle": ["frame_000000.jpg"],
        "no_label": ["frame_000001.jpg"],
    }


def test_without_images_only_the_list_is_written() -> None:
    made = dataset([medium("m1", "a.jpg")], [label("o1", "Vehicle"), labeled("o2")])

    files = archive(NAME, made)

    assert {name: json.loads(content) for name, content in files.items()} == {
        "train/labels.json": {"a": {"labels": ["Vehicle"], "path": "train/Vehicle/a.jpg"}}
    }
    assert dropped(made)["lost_bbox"] == 1


def test_the_list_of_many_frames_is_complete() -> None:
    made = dataset([medium("m1", "a.mp4", 2048)], [label("o1", "Vehicle", (1000, 1030))])

    result = json.loads(archive(NAME, made)["train/labels.json"])

    assert len(result) == 2048
    assert sum(entry["labels"] == ["Vehicle"] for entry in result.values()) == 30


def test_subsets_have_lists_of_their_own() -> None:
    media = [medium(f"m{number}", f"{number}.jpg") for number in range(4)]

    made = FrameSelection(split=SubsetSplit(train=0.5, val=0.5, test=0, seed=1)).narrowed(
        dataset(media, images=every_frame)
    )
    files = archive(NAME, made)

    for subset in ("train", "val"):
        result = json.loads(files[f"{subset}/labels.json"])
        assert len(result) == 2
        assert all(
            entry["path"].startswith(f"{subset}/no_label/") and entry["path"] in files for entry in result.values()
        )
