"""MOT 1.1, also read back by Datumaro and TrackEval."""

from pathlib import Path

import pytest

from common.contract.questions import SubsetSplit
from export.dataset.capabilities import Feature
from export.dataset.rows import AROUND
from export.dataset.split import FrameSelection
from export.formats.mot.writer import FLAT
from tests.export.made import archive, dataset, dropped, every_frame, keyframe, labeled, medium
from tests.export.validation import unpacked, validated

NAME = "MOT 1.1"


def test_a_medium_is_a_sequence_of_frames_and_tracks_from_one() -> None:
    car = labeled("o1", keyframe(0, 1, 2, 11, 22), keyframe(2, 5, 6.005, 15.5, 26.125), keyframe(3, outside=True))
    walker = labeled("o2", keyframe(2, 0, 0, 4, 8, occluded=True), category="Pedestrian")

    made = dataset([medium("m1", "a.mp4", 4)], [car, walker])

    assert archive(NAME, made) == {
        "seqinfo.ini": b"[Sequence]\nname=a\nimDir=img1\nframeRate=25\nseqLength=4\n"
        b"imWidth=640\nimHeight=480\nimExt=.jpg\n",
        "gt/gt.txt": b"1,1,1.00,2.00,10.00,20.00,1,1,1\n"
        b"2,1,3.00,4.00,10.25,20.06,1,1,1\n"
        b"3,1,5.00,6.00,10.50,20.12,1,1,1\n"
        b"3,2,0.00,0.00,4.00,8.00,1,2,0\n"
        b"4,2,0.00,0.00,4.00,8.00,1,2,0\n",
        "gt/labels.txt": b"Vehicle\nPedestrian",
    }
    assert dropped(made) == {}


@pytest.mark.validators
def test_datumaro_and_trackeval_read_every_track(tmp_path: Path) -> None:
    car = labeled("o1", keyframe(0, 1, 2, 11, 22), keyframe(2, 5, 6, 15, 26), keyframe(3, outside=True))
    other = labeled("o2", keyframe(1, 100, 100, 140, 180, occluded=True), attributes={"ignored": False})
    walker = labeled("o3", keyframe(3, 50, 50, 60, 90), category="Pedestrian", attributes={"ignored": True})

    result = validated(
        "mot_sequences", unpacked(archive(NAME, dataset([medium("m1", "a.mp4", 5)], [car, other, walker])), tmp_path)
    )

    read = result["datumaro"]
    assert read["labels"] == ["Vehicle", "Pedestrian"]
    assert list(read["items"]) == ["1", "2", "3", "4", "5"]
    attributes = {"visibility": 1.0, "occluded": False, "ignored": False}
    assert read["items"]["2"] == [
        ["Vehicle", [3.0, 4.0, 10.0, 20.0], {"track_id": 1, **attributes}],
        ["Vehicle", [100.0, 100.0, 40.0, 80.0], {"track_id": 2, "visibility": 0.0, "occluded": True, "ignored": False}],
    ]
    assert read["items"]["4"][1] == [
        "Pedestrian",
        [50.0, 50.0, 10.0, 40.0],
        {"track_id": 3, **attributes, "ignored": True},
    ]
    judge = result["trackeval"]
    assert judge["steps"] == 5
    assert [[row[0] for row in step] for step in judge["boxes"]] == [[1], [1, 2], [1, 2], [2, 3], [2, 3]]
    assert judge["boxes"][0] == [[1, 1.0, 2.0, 10.0, 20.0]]


def test_attributes_give_ignored_and_visibility() -> None:
    mission_attributes = {"ignored": True, "visibility": 0.25}
    made = dataset([medium("m1", "a.mp4", 1)], [labeled("o1", keyframe(0, 0, 0, 1, 1), attributes=mission_attributes)])

    assert archive(NAME, made)["gt/gt.txt"] == b"1,1,0.00,0.00,1.00,1.00,0,1,0.25\n"


@pytest.mark.parametrize("visibility", [2.0, True, "much"])
def test_an_invalid_visibility_is_ignored(visibility: float | str | bool) -> None:
    result = labeled("o1", keyframe(0, 0, 0, 1, 1), attributes={"visibility": visibility})

    assert archive(NAME, dataset([medium("m1", "a.mp4", 1)], [result]))["gt/gt.txt"].endswith(b",1,1,1\n")


def test_several_media_lie_in_folders_and_boxes_of_images_are_no_tracks() -> None:
    media = [medium("m1", "a.mp4", 2), medium("m2", "a.jpg"), medium("m3", "x/b.mp4", 1)]
    objects = [labeled("o1"), labeled("o2", media_id="m2", category="dog"), labeled("o3", media_id="m3")]

    files = archive(NAME, dataset(media, objects, images=every_frame))

    sequences = {name.removesuffix("gt/gt.txt") for name in files if name.endswith("gt/gt.txt")}
    assert sequences == {"a/", "a (2)/", "x/b/"}
    image = next(
        name
        for name in sequences
        if files[f"{name}seqinfo.ini"].startswith(b"[Sequence]\nname=a\n")
        and (b"seqLength=1\n" in files[f"{name}seqinfo.ini"])
    )
    assert files[f"{image}gt/gt.txt"] == b"1,-1,10.00,20.00,20.00,40.00,1,3,1\n"
    assert files[f"{image}gt/labels.txt"] == b"Vehicle\nPedestrian\ndog"
    assert files[f"{image}img1/000001.jpg"] == b"m2 0"
    assert files["x/b/gt/gt.txt"].startswith(b"1,1,")
    assert files["x/b/img1/000001.jpg"] == b"m3 0"


def test_subsets_are_folders_of_sequences() -> None:
    media = [medium(f"m{number}", f"{number}.mp4", 1) for number in range(2)]

    made = FrameSelection(split=SubsetSplit(train=0.5, val=0.5, test=0, seed=1)).narrowed(dataset(media))

    assert {name.split("/")[0] for name in archive(NAME, made)} == {"train", "val"}


def test_exported_frames_keep_their_numbers() -> None:
    made = FrameSelection(frame_step=2).narrowed(dataset([medium("m1", "a.mp4", 5)], [labeled()], images=every_frame))
    files = archive(NAME, made)

    assert [row.split(b",")[0] for row in files["gt/gt.txt"].splitlines()] == [b"1", b"3", b"5"]
    assert [name for name in files if name.startswith("img1/")] == [
        "img1/000001.jpg",
        "img1/000003.jpg",
        "img1/000005.jpg",
    ]


def test_unsupported_properties_are_counted() -> None:
    turned = labeled("o1", keyframe(0, 0, 0, 10, 20, 90), type="car-1", attributes={"doors-1": 4.0})
    flat = labeled("o2", keyframe(0, 30, 0, 40, 0))

    made = dataset([medium("m1", "a.mp4", 1)], [turned, flat])

    assert archive(NAME, made)["gt/gt.txt"] == b"1,1,-5.00,5.00,20.00,10.00,1,1,1\n"
    assert dropped(made) == {AROUND: 1, FLAT: 1, Feature.TYPES.loss: 1, Feature.ATTRIBUTES.loss: 1}


def test_a_medium_without_labels_is_a_sequence() -> None:
    files = archive(NAME, dataset([medium("m1", "a.mp4", 3)], missions=[]))

    assert files["gt/gt.txt"] == files["gt/labels.txt"] == b""
    assert b"seqLength=3\n" in files["seqinfo.ini"]
