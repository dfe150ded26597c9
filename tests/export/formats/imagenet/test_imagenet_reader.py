"""ImageNet: labels of images and frames survive export and import, as lists and as folders."""

from typing import Any

import pytest
from hypothesis import given

from common.contract.labels import Keyframe, ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import ImageTag
from export.formats.registry import READERS
from export.parsing.detect_format import detect_format
from tests.export.made import archive, dataset, every_frame, labeled, medium, shape_object
from tests.export.parsing.made_archives import objects, opened, packed, read, targets
from tests.export.parsing.plain import PLAIN
from tests.export.parsing.returned import as_state, assert_same_rows
from tests.export.strategies import FRAMES, projects

NAME = "ImageNet 1.0"
MEDIA = [medium("m1", "x/a b.mp4", FRAMES), medium("m2", "b.mp4", FRAMES), medium("i1", "dir/c.jpg")]
SPAN = [Keyframe(frame=2, geometry=ImageTag()), Keyframe(frame=9, geometry=ImageTag(), outside=True)]
STATES = [
    labeled("o1", *SPAN, annotation_type="label"),
    shape_object("o2", ImageTag(), media_id="i1"),
    shape_object("o3", ImageTag(), media_id="i1", category="two words"),
]


@given(projects(reach=500, most=4))
def test_every_exported_row_is_imported(states: list[ObjectState]) -> None:
    assert_same_rows(NAME, MEDIA, states, rows, PLAIN)


def rows(files: dict[str, bytes]) -> list[tuple[str, set[str]]]:
    """The label names of every image."""
    names = files["synsets.txt"].decode().split("\n")
    result = []
    for line in files["default.txt"].decode().split("\n")[:-1]:
        path, _, numbers = line.partition(".jpg")
        result.append((path, {names[int(number)] for number in numbers.strip('" ').split()}))
    return result


def test_labels_in_folders_survive_a_round_trip() -> None:
    before = archive(NAME, dataset(MEDIA, STATES, images=every_frame))
    entries = read(NAME, opened(packed(before)), targets(MEDIA))
    again = [as_state(number, imported) for number, imported in enumerate(objects(entries))]

    assert len(entries) == 3
    assert archive(NAME, dataset(MEDIA, again, images=every_frame)).keys() == before.keys()
    (span,) = [imported for imported in objects(entries) if imported.media_id == "m1"]
    assert [(key.frame, key.outside) for key in span.keyframes] == [(2, False), (8, False), (9, True)]
    assert detect_format(opened(packed(before)), None, READERS)[0] == NAME


def parsed(files: dict[str, bytes]) -> list[Any]:
    return read(NAME, opened(packed(files)), targets(MEDIA))


def test_archives_of_other_programs_are_imported() -> None:
    lists = {
        "synsets.txt": b"\xef\xbb\xbfcat\r\ndog\r\n",
        "train.txt": b'dir/c.JPG 1 0\r\n"x/a b/frame_000003".png 1\r\n',
    }

    image, second_image, frame = sorted(parsed(lists), key=lambda each: (each.media_id, each.category))

    assert (image.category, image.media_id) == ("cat", "i1")
    assert (second_image.category, second_image.media_id) == ("dog", "i1")
    assert [(key.frame, key.outside) for key in frame.keyframes] == [(3, False)]
    assert [entry.category for entry in parsed({"val/cat/c.jpg": b"", "val/no_label/b_frame_000001.jpg": b""})] == [
        "cat"
    ]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("dir/c.jpg 2", "no_such_class_in"),
        ("dir/c.jpg -1", "no_such_class_in"),
        ("dir/c.jpg one", "not_an_integer"),
        ("a b c", "not_an_integer"),
        ("gone.jpg 0", "no_such_file"),
    ],
)
def test_a_malformed_line_is_skipped_with_a_reason(line: str, code: str) -> None:
    entries = parsed({"synsets.txt": b"cat\ndog\n", "default.txt": f"{line}\ndir/c.jpg 0\n".encode()})

    (skipped,) = [entry for entry in entries if isinstance(entry, SkippedRow)]
    assert skipped.reason.code == code
    assert skipped.where.startswith("default.txt, line 1")
    assert len(objects(entries)) == 1


def test_an_image_outside_of_label_folders_is_reported() -> None:
    (skipped, _) = parsed({"c.jpg": b"", "cat/c.jpg": b""})

    assert skipped.reason.code == "image_not_in_label_folder"
