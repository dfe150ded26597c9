"""ImageNet: labels of pictures and of frames come back, from lists and from folders."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from common.contract.labels import Keyframe, ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import ImageTag
from export.formats.registry import READERS
from export.parsing.detect_format import detect_format
from tests.export.made import archive, dataset, drawn, every_frame, labeled, medium
from tests.export.parsing.made_archives import objects, opened, packed, read, targets
from tests.export.parsing.plain import PLAIN
from tests.export.parsing.returned import as_state, returned
from tests.export.strategies import FRAMES, projects

NAME = "ImageNet 1.0"
MEDIA = [medium("m1", "x/a b.mp4", FRAMES), medium("m2", "b.mp4", FRAMES), medium("i1", "dir/c.jpg")]
SPAN = [Keyframe(frame=2, geometry=ImageTag()), Keyframe(frame=9, geometry=ImageTag(), outside=True)]
STATES = [
    labeled("o1", *SPAN, annotation_type="label"),
    drawn("o2", ImageTag(), media_id="i1"),
    drawn("o3", ImageTag(), media_id="i1", category="two words"),
]


@given(projects(reach=500, most=4))
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_all_that_is_written_comes_back(states: list[ObjectState]) -> None:
    back = returned(NAME, MEDIA, states, PLAIN)

    assert not back.skipped
    assert rows(back.before) == rows(back.after)


def rows(files: dict[str, bytes]) -> list[tuple[str, set[str]]]:
    """The names of the labels of every picture."""
    names = files["synsets.txt"].decode().split("\n")
    found = []
    for line in files["default.txt"].decode().split("\n")[:-1]:
        path, _, numbers = line.partition(".jpg")
        found.append((path, {names[int(number)] for number in numbers.strip('" ').split()}))
    return found


def test_labels_in_folders_come_back() -> None:
    before = archive(NAME, dataset(MEDIA, STATES, pictures=every_frame))
    found = read(NAME, opened(packed(before)), targets(MEDIA))
    again = [as_state(number, one) for number, one in enumerate(objects(found))]

    assert len(found) == 3
    assert archive(NAME, dataset(MEDIA, again, pictures=every_frame)).keys() == before.keys()
    (span,) = [one for one in objects(found) if one.media_id == "m1"]
    assert [(key.frame, key.outside) for key in span.keyframes] == [(2, False), (8, False), (9, True)]
    assert detect_format(opened(packed(before)), None, READERS)[0] == NAME


def told(files: dict[str, bytes]) -> list[Any]:
    return read(NAME, opened(packed(files)), targets(MEDIA))


def test_what_other_programs_write_is_read() -> None:
    lists = {
        "synsets.txt": b"\xef\xbb\xbfcat\r\ndog\r\n",
        "train.txt": b'dir/c.JPG 1 0\r\n"x/a b/frame_000003".png 1\r\n',
    }

    one, other, frame = sorted(told(lists), key=lambda found: (found.media_id, found.category))

    assert (one.category, one.media_id) == ("cat", "i1")
    assert (other.category, other.media_id) == ("dog", "i1")
    assert [(key.frame, key.outside) for key in frame.keyframes] == [(3, False)]
    assert [one.category for one in told({"val/cat/c.jpg": b"", "val/no_label/b_frame_000001.jpg": b""})] == ["cat"]


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
    found = told({"synsets.txt": b"cat\ndog\n", "default.txt": f"{line}\ndir/c.jpg 0\n".encode()})

    (skipped,) = [one for one in found if isinstance(one, SkippedRow)]
    assert skipped.reason.code == code
    assert skipped.where.startswith("default.txt, line 1")
    assert len(objects(found)) == 1


def test_a_picture_in_no_folder_is_reported() -> None:
    (skipped, _) = told({"c.jpg": b"", "cat/c.jpg": b""})

    assert skipped.reason.code == "image_not_in_label_folder"
