"""The selected media and frames, and their subsets."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.contract.errors import Problem
from common.contract.labels import ObjectState
from common.contract.media import Medium
from common.contract.questions import ExportChoices, SubsetSplit
from common.geometry.types import ImageTag
from export.dataset.dataset import Dataset, ImageFile
from export.dataset.media import ExportMedium, export_medium
from export.dataset.selection import Selection
from export.dataset.split import FrameSelection, divided
from export.formats.registry import FORMATS
from tests.export.made import archive, dataset, dropped, every_frame, keyframe, labeled, medium, shape_object

MEDIA = [medium("m1", "a.mp4", 10), medium("m2", "b.jpg"), medium("m3", "c.jpg"), medium("m4", "d.mp4", 4)]
# In view on frames 2 to 5 of a.mp4, set on 2 and 4, gone on 6; and on an image.
OBJECTS = [
    labeled("o1", keyframe(2), keyframe(4), keyframe(6, outside=True)),
    labeled("o2", media_id="m2", source="model", done=True),
]


def chosen(objects: list[ObjectState] = OBJECTS, media: list[Medium] = MEDIA, **more: Any) -> Dataset:
    made = dataset(media, objects, images=every_frame)
    return FrameSelection.of(ExportChoices(**more)).narrowed(made)


def frames(made: Dataset) -> dict[str, list[int]]:
    """By file, the frames that have labels."""
    return {labels.medium.name: [frame.number for frame in labels.frames()] for labels in made.labels()}


def image_frames(made: Dataset) -> dict[str, list[int]]:
    """By file, the frames that have images."""
    found: dict[str, list[int]] = {}
    for media, image in made.images():
        found.setdefault(media.name, []).append(image.frame)
    return found


ALL = {"a.mp4": list(range(10)), "b.jpg": [0], "c.jpg": [0], "d.mp4": [0, 1, 2, 3]}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ALL),
        ({"frame_step": 3}, ALL | {"a.mp4": [0, 3, 6, 9], "d.mp4": [0, 3]}),
        ({"keyframes_only": True}, {"a.mp4": [2, 4], "b.jpg": [0], "c.jpg": [0]}),
        ({"labeled_only": "media"}, {"a.mp4": list(range(10)), "b.jpg": [0]}),
        ({"labeled_only": "media", "frame_step": 5}, {"a.mp4": [0, 5], "b.jpg": [0]}),
        ({"labeled_only": "frames"}, {"a.mp4": [2, 3, 4, 5], "b.jpg": [0]}),
        ({"labeled_only": "frames", "frame_step": 2}, {"a.mp4": [2, 4], "b.jpg": [0]}),
        ({"labeled_only": "frames", "keyframes_only": True}, {"a.mp4": [2, 4], "b.jpg": [0]}),
        ({"keyframes_only": True, "frame_step": 4}, {"a.mp4": [4], "b.jpg": [0], "c.jpg": [0]}),
    ],
)
def test_labels_and_images_are_of_the_same_frames(asked: dict[str, Any], expected: dict[str, list[int]]) -> None:
    made = chosen(**asked)

    assert frames(made) == expected
    assert image_frames(made) == expected
    assert dropped(made) == {}
    assert made.progress.share == 1.0


def test_a_frame_selection_does_not_change_shapes() -> None:
    everything = {frame.number: frame for frame in next(chosen().labels()).frames()}
    selected = list(next(chosen(labeled_only="frames", frame_step=2).labels()).frames())

    assert [[shape.geometry for shape in frame.shapes] for frame in selected] == [
        [shape.geometry for shape in everything[number].shapes] for number in (2, 4)
    ]


def test_labels_of_whole_media_count_on_the_frames_on_which_they_hold() -> None:
    rain = shape_object("o9", ImageTag(), frame=2, media_id="m4")

    assert frames(chosen([rain], labeled_only="frames")) == {"d.mp4": [2, 3]}
    assert frames(chosen([rain], keyframes_only=True))["d.mp4"] == [2]


def test_only_selected_labels_count() -> None:
    made = dataset(MEDIA, OBJECTS, selection=Selection.of(None, None, ["model"]))

    assert frames(FrameSelection(labeled_only="media").narrowed(made)) == {"b.jpg": [0]}
    with pytest.raises(Problem, match="export_no_labels"):
        FrameSelection(labeled_only="media").narrowed(
            dataset(MEDIA, OBJECTS, selection=Selection.of(["Unknown"], None))
        )


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_writes_the_selected_frames(name: str) -> None:
    files = archive(name, chosen(labeled_only="frames", frame_step=2, split=SubsetSplit()))

    assert files
    images = [path for path in files if path.endswith(("frame_000000.jpg", "frame_000003.jpg"))]
    assert images == []


def test_the_split_depends_on_the_seed() -> None:
    media = [export_medium(medium(f"m{number}", f"{number}.jpg")) for number in range(100)]
    split = SubsetSplit(train=8, val=1, test=1, seed=7)

    found = divided(media, split)

    assert Counter(each.subset for each in found) == {"train": 80, "val": 10, "test": 10}
    assert [each.id for each in found] == [each.id for each in media]
    assert {each.id: each.subset for each in divided(media[::-1], split)} == {each.id: each.subset for each in found}
    assert divided(media, SubsetSplit(train=8, val=1, test=1, seed=8)) != found


@given(st.integers(0, 60), st.tuples(*[st.floats(0, 10)] * 3).filter(any), st.integers(0, 2**53 - 1))
def test_shares_are_exact_to_less_than_one_medium(count: int, shares: tuple[float, ...], seed: int) -> None:
    media = [export_medium(medium(f"m{number}", f"{number}.jpg")) for number in range(count)]
    train, val, test = shares

    found = Counter(each.subset for each in divided(media, SubsetSplit(train=train, val=val, test=test, seed=seed)))

    assert sum(found.values()) == count
    for name, share in zip(("train", "val", "test"), shares, strict=True):
        assert abs(found[name] - count * share / sum(shares)) < 1
        assert share or not found[name]


def test_one_more_medium_moves_at_most_two_others() -> None:
    media = [export_medium(medium(f"m{number}", f"{number}.jpg")) for number in range(51)]
    before = {each.id: each.subset for each in divided(media[:50], SubsetSplit())}

    after = {each.id: each.subset for each in divided(media, SubsetSplit())}

    assert sum(after[known] != subset for known, subset in before.items()) <= 2


def test_coco_has_a_file_and_a_folder_for_every_subset_with_the_same_classes() -> None:
    media = [medium(f"m{number}", f"{number}.jpg") for number in range(10)]
    objects = [labeled(f"o{number}", media_id=f"m{number}", category=f"class {number}") for number in range(10)]

    files = archive("COCO 1.0", chosen(objects, media, split=SubsetSplit(train=0.6, val=0.2, test=0.2)))

    subsets = {name: json.loads(files[f"annotations/instances_{name}.json"]) for name in ("train", "val", "test")}
    assert [len(found["images"]) for found in subsets.values()] == [6, 2, 2]
    assert len({json.dumps(found["categories"]) for found in subsets.values()}) == 1
    for name, found in subsets.items():
        assert [image["id"] for image in found["images"]] == list(range(1, len(found["images"]) + 1))
        assert {row["image_id"] for row in found["annotations"]} == {image["id"] for image in found["images"]}
        assert all(f"images/{name}/{image['file_name']}" in files for image in found["images"])
    assert len(files) == 13


def test_image_ids_of_coco_do_not_depend_on_the_selection() -> None:
    def images(made: Dataset) -> dict[str, int]:
        document = json.loads(archive("COCO 1.0", made)["annotations/instances_default.json"])
        assert {row["image_id"] for row in document["annotations"]} <= {image["id"] for image in document["images"]}
        return {image["file_name"]: image["id"] for image in document["images"]}

    stepped = images(chosen(frame_step=4))

    assert stepped.items() <= images(chosen()).items()
    assert len(stepped) == 6


def test_videos_are_exported_as_files_if_originals_are_requested() -> None:
    def first_only(media: Sequence[ExportMedium]) -> Iterator[tuple[ExportMedium, ImageFile]]:
        yield media[0], ImageFile(0, 4, iter((b"file",)))

    made = dataset(MEDIA, OBJECTS, images=every_frame, originals=first_only)
    files = [entry.name for entry in FORMATS["COCO 1.0"].entries(made)]

    assert files[1:] == ["images/default/b.jpg", "images/default/c.jpg", "originals/a.mp4"]
    assert dropped(made)["lost_missing_files"] == 1
