"""MOTS PNG 1.0: tracks survive export and import with their pixels."""

from typing import Any

import pytest
from hypothesis import given

from common.contract.labels import Keyframe, ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import Bitmap
from tests.export.formats import masked
from tests.export.formats.skipped import assert_skipped
from tests.export.made import keyframe, labeled
from tests.export.parsing import painted
from tests.export.parsing.made_archives import objects
from tests.export.parsing.painted import MEDIA, area, frames_of, pixels, png
from tests.export.parsing.returned import assert_same_rows, returned
from tests.export.strategies import projects

NAME = "MOTS PNG 1.0"
LABELS = b"a b\r\nx\r\n"


def rows(files: dict[str, bytes]) -> list[Any]:
    """The classes, and each track's class and pixels on every frame."""
    names = files["default/instances/labels.txt"].decode().split("\n")
    result: dict[Any, list[Any]] = {}
    for file, content in files.items():
        if file.endswith(".png"):
            folder = file.rpartition("/")[0]
            for number, where in painted.apart(pixels(content)):
                result.setdefault((folder, number), [names[number // 1000 - 1]]).append((file, where))
    return sorted(map(str, result.values()))


@given(projects(reach=100, most=4))
def test_a_project_survives_export_and_import(states: list[ObjectState]) -> None:
    assert_same_rows(NAME, MEDIA, painted.of_one_mission(states), rows)


def test_a_track_is_one_object_with_a_keyframe_where_it_changes() -> None:
    first, second = (Bitmap(x=x, y=0, width=2, height=2, runs=[0, 4]) for x in (3, 9))
    keyframes = [
        Keyframe(frame=2, geometry=first),
        Keyframe(frame=5, geometry=second),
        Keyframe(frame=8, geometry=second, outside=True),
        Keyframe(frame=20, geometry=first),
    ]
    states = [
        labeled("o1", *keyframes, annotation_type="bitmap"),
        labeled("o2", keyframe(0, 30, 30, 40, 40), category="Pedestrian"),
        labeled("o3", keyframe(0, 1, 1, 3, 2), media_id="i1", category="Pedestrian"),
    ]

    result = {(imported.media_id, imported.category): imported for imported in returned(NAME, MEDIA, states).objects}

    moving = result["m1", "Vehicle"]
    assert frames_of(moving) == [(2, False), (5, False), (7, False), (8, True), (20, False)]
    assert [key.geometry for key in moving.keyframes] == [first, second, second, second, first]
    assert frames_of(result["m1", "Pedestrian"]) == [(0, False)]
    assert area(result["i1", "Pedestrian"]) == Bitmap(x=1, y=1, width=2, height=1, runs=[0, 2])


def test_frames_in_any_order_and_other_folders_are_read() -> None:
    files = {
        "set\\train\\instances\\a\\000010.PNG": png([[2001, 0]]),
        "set/train/instances/a/000009.PNG": png([[2001, 1001]]),
        "set/val/instances/d/c.e.png": png([[1000]]),
        "set/train/instances/labels.txt": LABELS,
    }

    entries = painted.given(NAME, files)

    assert {(imported.category, *frames_of(imported)) for imported in objects(entries)} == {
        ("x", (9, False), (10, False), (11, True)),
        ("a b", (9, False), (10, True)),
        ("a b", (0, False)),
    }
    assert len(entries) == 3


def test_frames_with_images_determine_the_visibility_of_tracks() -> None:
    masks = {f"train/instances/a/{frame}.png": png([[1001]]) for frame in (0, 10)}
    images = {f"train/images/a/{frame}.jpg": b"" for frame in (0, 10, 20)}

    (imported,) = objects(painted.given(NAME, {**masks, **images, "train/instances/labels.txt": LABELS}))

    assert frames_of(imported) == [(0, False), (10, False), (20, True)]


def test_regions_that_the_challenge_ignores_are_background() -> None:
    files = {"instances/d/c.e.png": png([[10_000, 1001, 2002, 5]])}

    assert [imported.category for imported in objects(painted.given(NAME, files))] == ["car", "pedestrian"]


@pytest.mark.parametrize(("content", "code"), [*masked.MALFORMED, (png([[9001, 8001, 1001]]), "colors_without_class")])
def test_a_malformed_mask_is_skipped_with_a_reason(content: bytes, code: str) -> None:
    files = {
        "t/instances/labels.txt": LABELS,
        "t/instances/a/1.png": content,
        "t/instances/d/c.e.png": png([[2001]]),
    }

    entries = painted.given(NAME, files)

    assert_skipped(entries, "t/instances/a/1.png", code)
    assert "x" in [imported.category for imported in objects(entries)]


def test_images_without_a_match_are_reported_once() -> None:
    (skipped,) = painted.given(NAME, {"t/instances/gone.png": png([[1001, 2001]])})

    assert isinstance(skipped, SkippedRow)
    assert (skipped.reason.code, skipped.count) == ("no_such_file", 2)
