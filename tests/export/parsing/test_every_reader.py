"""Every reader: its archives are detected, and damaged ones are read as far as possible."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.contract.labels import Keyframe, ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import Bitmap, Box, ImageTag, Keypoint, Part, Points, Polygon, Polyline, Skeleton
from common.sandbox.worker import Undecodable
from export.formats.registry import FORMATS, READERS
from export.parsing.detect_format import detect_format
from export.parsing.imported_object import ImportedObject
from export.parsing.reader import DeclaredMission
from tests.export.made import archive, dataset, keyframe, labeled, medium, shape_object
from tests.export.parsing.made_archives import opened, packed, targets

MEDIA = [medium("m1", "a.mp4", 12), medium("m2", "dir/b c.mp4", 3, width=64, height=48), medium("i1", "c.jpg")]
SQUARE = [(5.0, 5.0), (25.0, 5.0), (25.0, 25.0), (5.0, 25.0)]
ATTRIBUTES: dict[str, str | bool | float] = {"text": "hello", "index": 1.0}
STATES = [
    labeled("o1", keyframe(0), keyframe(8, 20.0, 30.0, 40.0, 70.0), keyframe(10, outside=True), attributes=ATTRIBUTES),
    labeled("o2", keyframe(2, score=0.5), category="Pedestrian", media_id="m2"),
    labeled("o3", keyframe(0, 50, 60, 90, 100), media_id="i1", attributes=ATTRIBUTES, category="icdar"),
    shape_object("o4", Polygon(parts=[Part(outer=SQUARE)]), media_id="i1", category="icdar", attributes=ATTRIBUTES),
    shape_object("o5", Bitmap(x=1, y=2, width=4, height=2, runs=[0, 8]), media_id="m2", attributes=ATTRIBUTES),
    shape_object("o6", ImageTag(), media_id="i1", attributes=ATTRIBUTES, category="icdar"),
    shape_object("p6", ImageTag(), media_id="m2", attributes={"person_id": 5.0}, category="market-1501"),
    shape_object("o7", Skeleton(keypoints=[Keypoint(name="nose", x=9, y=9), Keypoint(name="tail", x=20, y=9)])),
    shape_object("o8", Points(points=[(float(x), 9.0) for x in range(5)]), media_id="i1"),
    shape_object("o9", Polyline(points=SQUARE), media_id="i1"),
    labeled(
        "p1",
        Keyframe(frame=0, geometry=Box(x1=1, y1=1, x2=30, y2=30), keypoints=[Keypoint(name="nose", x=9, y=9)]),
        media_id="i1",
    ),
]
ARCHIVES = {name: archive(name, dataset(MEDIA, STATES)) for name in READERS if name in FORMATS}


@pytest.mark.parametrize("name", ARCHIVES)
def test_the_format_of_an_archive_is_detected(name: str) -> None:
    found, certainty = detect_format(opened(packed(ARCHIVES[name])), None, READERS)

    assert found == name
    assert certainty > 0.5


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_without_labels_is_not_detected_as_another_format(name: str) -> None:
    empty = opened(packed(archive(name, dataset(MEDIA))))

    try:
        found, _ = detect_format(empty, None, READERS)
    except Undecodable:
        return
    assert found == name


@pytest.mark.parametrize("name", ARCHIVES)
def test_written_archives_are_read_without_skipped_rows(name: str) -> None:
    found = list(READERS[name].read(opened(packed(ARCHIVES[name])), targets(MEDIA)))

    assert [item for item in found if isinstance(item, ImportedObject)]
    assert not [item for item in found if isinstance(item, SkippedRow)]


@pytest.mark.parametrize("name", ARCHIVES)
def test_labels_of_missing_media_are_reported(name: str) -> None:
    found = list(READERS[name].read(opened(packed(ARCHIVES[name])), targets([medium("x", "other.jpg")])))

    assert not [item for item in found if isinstance(item, ImportedObject)]
    assert [item for item in found if isinstance(item, SkippedRow)]


@pytest.mark.parametrize("name", ARCHIVES)
@given(seed=st.integers(0, 2**32), states=st.just(STATES))
@settings(max_examples=settings().max_examples // 2)
def test_a_damaged_archive_is_read_as_far_as_possible(name: str, seed: int, states: list[ObjectState]) -> None:
    reader = opened(packed(spoiled(ARCHIVES[name], random.Random(seed))))

    try:
        READERS[name].detect(reader)
        found = list(READERS[name].read(reader, targets(MEDIA)))
    except Undecodable:
        return
    assert all(isinstance(item, ImportedObject | SkippedRow | DeclaredMission) for item in found)


def spoiled(files: dict[str, bytes], dice: random.Random) -> dict[str, bytes]:
    """The archive with one or two defects."""
    made = dict(files)
    for _ in range(dice.randint(1, 2)):
        name = dice.choice(sorted(made))
        content = made[name]
        offset = dice.randrange(len(content) + 1)
        match dice.randrange(6):
            case 0:
                made[name] = content[:offset]
            case 1:
                made[name] = content[:offset] + dice.randbytes(dice.randint(1, 9)) + content[offset:]
            case 2:
                made[name] = content[:offset] + content[offset + dice.randint(1, 20) :]
            case 3:
                words = (
                    b"0",
                    b"-1",
                    b"1e999",
                    b"nan",
                    b"null",
                    b"[]",
                    b"{}",
                    b'"',
                    b"\n",
                    b"\t",
                    b"<a/>",
                    b"99999999999",
                )
                made[name] = content[:offset] + dice.choice(words) + content[offset + dice.randint(0, 4) :]
            case 4:
                made[f"x/{name}"] = made.pop(name)
            case _:
                made[name] = dice.randbytes(dice.randint(0, 40))
    return made
