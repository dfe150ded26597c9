"""YOLO 1.1 and Ultralytics YOLO Detection: boxes and tracks survive export and import; archives of other programs
too."""

from typing import Any

import pytest
from hypothesis import given

from common.contract.labels import ObjectState
from common.geometry.types import Box
from export.formats.registry import READERS
from export.parsing.detect_format import detect_format
from export.parsing.media_index import MediaIndex, TargetMedium
from tests.export.formats.skipped import assert_skipped
from tests.export.formats.yolo.yolo_rows import rows, same
from tests.export.made import archive, dataset, every_frame, keyframe, labeled, medium
from tests.export.parsing.made_archives import objects, opened, packed, read, reasons, targets
from tests.export.parsing.returned import returned
from tests.export.strategies import FRAMES, projects

DARKNET, DETECTION = "YOLO 1.1", "Ultralytics YOLO Detection 1.0"
TRACK = "Ultralytics YOLO Detection Track 1.0"
NAMES = [DARKNET, DETECTION, TRACK]
SMALL = {"width": 64, "height": 48}
MEDIA = [medium("m1", "a.mp4", FRAMES, **SMALL), medium("m2", "b.mp4", FRAMES), medium("i1", "c.jpg")]
PICTURES = [medium("m1", "a.mp4", 10), medium("i1", "c.jpg"), medium("i2", "x/d.png", content_type="image/png")]
YAML = b"names: [car, 'traffic light']\ntrain: images/train\n"
ROW = b"0 0.5 0.5 0.25 0.5\n"
BOX = Box(x1=240, y1=120, x2=400, y2=360)


@pytest.mark.parametrize("name", NAMES)
@given(states=projects(reach=500, most=4))
def test_an_imported_archive_is_exported_with_the_same_rows(name: str, states: list[ObjectState]) -> None:
    round_trip = returned(name, MEDIA, states)

    assert not round_trip.skipped
    assert same(rows(round_trip.before, boxes=True), rows(round_trip.after, boxes=True))


@pytest.mark.parametrize("name", NAMES)
def test_boxes_survive_to_a_hundredth_of_a_pixel(name: str) -> None:
    states = [
        labeled("o1", keyframe(0, 10.25, 20.33, 30.5, 60.01), media_id="i1"),
        labeled("o2", keyframe(0, 0, 0, 640, 480), media_id="i2", category='a "q" \\ 夜: #\n'),
    ]

    round_trip = returned(name, PICTURES, states)

    first, second = sorted(round_trip.objects, key=lambda each: each.media_id)
    assert first.keyframes[0].geometry == Box(x1=10.25, y1=20.33, x2=30.5, y2=60.01)
    assert second.keyframes[0].geometry == Box(x1=0, y1=0, x2=640, y2=480)
    assert (first.category, second.category) == ("Vehicle", 'a "q" \\ 夜: #' + ("" if name == DARKNET else "\n"))


def test_tracks_keep_their_visibility() -> None:
    states = [
        labeled("o1", keyframe(0), keyframe(2, 20.0, 30.0, 40.0, 70.0), keyframe(4, outside=True)),
        labeled("o2", keyframe(1), keyframe(3, outside=True), keyframe(8, 1.0, 2.0, 3.0, 4.0)),
        labeled("o3", keyframe(0), media_id="i1"),
    ]

    round_trip = returned(TRACK, PICTURES, states)

    assert rows(round_trip.before) == rows(round_trip.after)
    first, second, third = sorted(round_trip.objects, key=lambda each: (each.media_id != "m1", each.keyframes[0].frame))
    assert [(key.frame, key.outside) for key in first.keyframes] == [
        (0, False),
        (1, False),
        (2, False),
        (3, False),
        (4, True),
    ]
    assert [(key.frame, key.outside) for key in second.keyframes[:4]] == [
        (1, False),
        (2, False),
        (3, True),
        (8, False),
    ]
    assert first.keyframes[1].geometry == Box(x1=15, y1=25, x2=35, y2=65)
    assert third.media_id == "i1"


@pytest.mark.parametrize("name", [DARKNET, DETECTION])
def test_without_tracks_a_box_is_on_one_frame(name: str) -> None:
    round_trip = returned(name, PICTURES, [labeled("o1", keyframe(3), keyframe(5, outside=True))])

    assert [[(key.frame, key.outside) for key in imported.keyframes] for imported in round_trip.objects] == [
        [(3, False), (4, True)],
        [(4, False), (5, True)],
    ]


@pytest.mark.parametrize("name", NAMES)
def test_images_whose_paths_differ_only_in_omitted_parts_are_reported_separately(name: str) -> None:
    names = ["b.jpg", "train/b.jpg", "x/images/b.jpg", "images/b.jpg", "labels/b.jpg", "val.jpg", "classes.jpg"]
    media = [medium(f"m{number}", path) for number, path in enumerate(names)]
    states = [labeled(f"o{at}", keyframe(0, at, 0, 20 + at, 9), media_id=each.id) for at, each in enumerate(media)]

    for images in (None, every_frame):
        entries = read(name, opened(packed(archive(name, dataset(media, states, images=images)))), targets(media))

        assert {imported.media_id: imported.keyframes[0].geometry for imported in objects(entries)} == {
            f"m{at}": Box(x1=at, y1=0, x2=20 + at, y2=9) for at in range(len(names))
        }


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"classes.txt": b"\xef\xbb\xbfcar\r\ntree\r\n", "c.txt": ROW, "c.jpg": b""}, DARKNET),
        ({"x/classes.txt": b"car", "x/c.txt": ROW.replace(b"\n", b"\r\n")}, DARKNET),
        ({"classes.txt": b"car", "notes.json": b"{}", "labels/c.txt": ROW, "images/c.jpg": b""}, DARKNET),
        (
            {
                "obj.data": b"classes=1\r\nvalid = data\\valid.txt\r\nnames = data/obj.names\r\n",
                "obj.names": b"car\n\n",
                "valid.txt": b"data\\obj_valid_data\\c.JPG\r\n",
                "obj_valid_data/c.txt": ROW,
            },
            DARKNET,
        ),
        ({"data/obj.names": b"car", "data/obj_train_data/c.txt": ROW, "data/train.txt": b"c.jpg"}, DARKNET),
        ({"data.yaml": YAML, "labels/train/c.txt": ROW}, DETECTION),
        ({"set/data.yaml": YAML, "set/train/labels/c.txt": ROW, "set/train/images/c.jpg": b""}, DETECTION),
        ({"data.yaml": YAML, "valid/labels/c.txt": ROW, "README.roboflow.txt": b"1 2 3"}, DETECTION),
        ({"coco8.yaml": b"path: /x\nnames:\n  0: car\n  1: b\n", "labels/c.txt": ROW}, DETECTION),
        ({"data.yml": b"nc: 1\r\nnames:\r\n- car\r\n", "labels/any/c.txt": ROW}, DETECTION),
        ({"data.yaml": YAML, "labels/train/c.txt": b"0.0 0.5 0.5 0.25 0.5 3\n"}, TRACK),
    ],
)
def test_archives_of_other_programs_are_detected_and_imported(files: dict[str, bytes], name: str) -> None:
    bundle = opened(packed(files))

    assert detect_format(bundle, None, READERS)[0] == name
    (imported,) = objects(read(name, bundle, targets(PICTURES)))
    assert (imported.media_id, imported.category, imported.keyframes[0].geometry) == ("i1", "car", BOX)


@pytest.mark.parametrize("name", ["frame_000004.PNG", "a/frame_000004.png", "a/7_4.jpg"])
def test_frames_of_videos_are_matched_by_lists_of_other_programs(name: str) -> None:
    labels = f"obj_train_data/{name.rpartition('.')[0]}.txt"
    files = {
        "obj.data": b"names = data/obj.names",
        "obj.names": b"car",
        "train.txt": f"data/obj_train_data/{name}".encode(),
        labels: ROW,
    }

    (imported,) = objects(read(DARKNET, opened(packed(files)), targets(PICTURES)))

    assert (imported.media_id, imported.keyframes[0].frame) == ("m1", 4)


def test_scores_and_tracks_come_after_rows() -> None:
    labels = b"0 0.5 0.5 0.25 0.5 0.75\n0 0.5 0.5 0.25 0.5 0.5 7\n"
    files = {"data.yaml": YAML, **{f"labels/train/a/frame_00000{number}.txt": labels for number in (0, 1)}}

    imported = objects(read(DETECTION, opened(packed(files)), targets(PICTURES)))

    assert sorted(len([key for key in entry.keyframes if not key.outside]) for entry in imported) == [1, 1, 2]
    assert sorted(entry.keyframes[0].score or 0 for entry in imported) == [0.5, 0.75, 0.75]


def test_a_single_file_is_read_if_the_format_is_given() -> None:
    bundle = opened(b"2 0.5 0.5 0.25 0.5\n", "c.txt")

    assert detect_format(bundle, DARKNET, READERS)[0] == DARKNET
    (imported,) = objects(read(DARKNET, bundle, targets(PICTURES)))
    assert (imported.category, imported.media_id) == ("2", "i1")


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (b"0 0.5 0.5 0.25", "values_too_few"),
        (b"0 0.5 0.5 0.25 wide", "not_a_number"),
        (b"0 0.5 0.5 0.25 nan", "coordinate_not_relative"),
        (b"0 320 240 10 20", "coordinate_not_relative"),
        (b"0 0.5 0.5 -0.25 0.5", "box_size_negative"),
        (b"car 0.5 0.5 0.25 0.5", "not_a_number"),
        (b"2 0.5 0.5 0.25 0.5", "no_such_class_in"),
        (b"-1 0.5 0.5 0.25 0.5", "class_number_invalid"),
        (b"1e999 0.5 0.5 0.25 0.5", "row_malformed"),
        (b"0.5 0.5 0.5 0.25 0.5", "class_number_invalid"),
        (b"0 0.5 0.5 0.25 0.5 7.5", "less_than_equal"),
        (b"0 0.5 0.5 0.25 0.5 0.5 x", "track_number_invalid"),
        (b"0 0.5 0.5 0.25 0.5 1 2 3", "values_too_many"),
    ],
)
def test_a_malformed_row_is_skipped_with_a_reason(row: bytes, code: str) -> None:
    files = {"data.yaml": YAML, "labels/train/c.txt": row + b"\n\n" + ROW}

    entries = read(DETECTION, opened(packed(files)), targets(PICTURES))

    assert_skipped(entries, "labels/train/c.txt, line 1", code)
    assert len(objects(entries)) == 1


def skipped_rows(files: dict[str, bytes], media: MediaIndex) -> list[tuple[str, str, int]]:
    entries: list[Any] = read(DETECTION, opened(packed(files)), media)
    return reasons(entries)


def test_missing_images_and_images_of_unknown_size_are_reported_once() -> None:
    gone = {"data.yaml": YAML, "labels/train/gone.txt": ROW * 3}
    unknown = MediaIndex([TargetMedium("i1", "c.jpg", "image", 1)])

    assert skipped_rows(gone, targets(PICTURES)) == [("labels/train/gone.txt", "no_such_file", 3)]
    ((where, code, count),) = skipped_rows({"data.yaml": YAML, "labels/train/c.txt": ROW * 2}, unknown)
    assert where == "c.jpg"
    assert (code, count) == ("image_size_unknown", 2)


@pytest.mark.parametrize("content", [b"names: [car", b"names: *x", b"- names", b"\tnames: x", b"names: [[a]]"])
def test_a_malformed_config_is_reported(content: bytes) -> None:
    ((where, _, _),) = skipped_rows({"data.yaml": content, "labels/train/c.txt": ROW}, targets(PICTURES))

    assert where == "data.yaml"
