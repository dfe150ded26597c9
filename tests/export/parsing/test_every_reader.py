"""Every way in: its archives are recognised, and whatever becomes of an archive, a reader tells it and goes on."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.contract.labels import Keyframe, ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import Bitmap, Box, ImageTag, Keypoint, Part, Points, Polygon, Polyline, Skeleton
from common.sandbox.worker import Undecodable
from export.formats.registry import FORMATS, READERS
from export.parsing.detect_format import detect_format
from export.parsing.imported_object import ImportedObject
from export.parsing.reader import DeclaredMission
from tests.export.made import archive, dataset, drawn, keyframe, labeled, medium
from tests.export.parsing.made_archives import opened, packed, targets

MEDIA = [medium("m1", "a.mp4", 12), medium("m2", "dir/b c.mp4", 3, width=64, height=48), medium("i1", "c.jpg")]
SQUARE = [(5.0, 5.0), (25.0, 5.0), (25.0, 25.0), (5.0, 25.0)]
TOLD: dict[str, str | bool | float] = {"text": "hello", "index": 1.0}
STATES = [
    labeled("o1", keyframe(0), keyframe(8, 20.0, 30.0, 40.0, 70.0), keyframe(10, outside=True), attributes=TOLD),
    labeled("o2", keyframe(2, score=0.5), category="Pedestrian", media_id="m2"),
    labeled("o3", keyframe(0, 50, 60, 90, 100), media_id="i1", attributes=TOLD, category="icdar"),
    drawn("o4", Polygon(parts=[Part(outer=SQUARE)]), media_id="i1", category="icdar", attributes=TOLD),
    drawn("o5", Bitmap(x=1, y=2, width=4, height=2, runs=[0, 8]), media_id="m2", attributes=TOLD),
    drawn("o6", ImageTag(), media_id="i1", attributes=TOLD, category="icdar"),
    drawn("p6", ImageTag(), media_id="m2", attributes={"person_id": 5.0}, category="market-1501"),
    drawn("o7", Skeleton(keypoints=[Keypoint(name="nose", x=9, y=9), Keypoint(name="tail", x=20, y=9)])),
    drawn("o8", Points(points=[(float(x), 9.0) for x in range(5)]), media_id="i1"),
    drawn("o9", Polyline(points=SQUARE), media_id="i1"),
    labeled(
        "p1",
        Keyframe(frame=0, geometry=Box(x1=1, y1=1, x2=30, y2=30), keypoints=[Keypoint(name="nose", x=9, y=9)]),
        media_id="i1",
    ),
]
ARCHIVES = {name: archive(name, dataset(MEDIA, STATES)) for name in READERS if name in FORMATS}


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_is_detected_as_what_it_is(name: str) -> None:
    found, certainty = detect_format(opened(packed(ARCHIVES[name])), None, READERS)

    assert found == name
    assert certainty > 0.5


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_of_frames_without_labels_is_of_no_other_format(name: str) -> None:
    empty = opened(packed(archive(name, dataset(MEDIA))))

    try:
        found, _ = detect_format(empty, None, READERS)
    except Undecodable:
        return
    assert found == name


@pytest.mark.parametrize("name", ARCHIVES)
def test_all_that_was_written_is_read_without_a_complaint(name: str) -> None:
    found = list(READERS[name].read(opened(packed(ARCHIVES[name])), targets(MEDIA)))

    assert [one for one in found if isinstance(one, ImportedObject)]
    assert not [one for one in found if isinstance(one, SkippedRow)]


@pytest.mark.parametrize("name", ARCHIVES)
def test_labels_of_media_that_are_not_there_are_reported(name: str) -> None:
    found = list(READERS[name].read(opened(packed(ARCHIVES[name])), targets([medium("x", "other.jpg")])))

    assert not [one for one in found if isinstance(one, ImportedObject)]
    assert [one for one in found if isinstance(one, SkippedRow)]


@pytest.mark.parametrize("name", ARCHIVES)
@given(seed=st.integers(0, 2**32), states=st.just(STATES))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_spoiled_archive_is_read_as_far_as_it_goes(name: str, seed: int, states: list[ObjectState]) -> None:
    bundle = opened(packed(spoiled(ARCHIVES[name], random.Random(seed))))

    try:
        READERS[name].detect(bundle)
        found = list(READERS[name].read(bundle, targets(MEDIA)))
    except Undecodable:
        return
    assert all(isinstance(one, ImportedObject | SkippedRow | DeclaredMission) for one in found)


def spoiled(files: dict[str, bytes], dice: random.Random) -> dict[str, bytes]:
    """The archive after one or two accidents."""
    made = dict(files)
    for _ in range(dice.randint(1, 2)):
        name = dice.choice(sorted(made))
        content = made[name]
        place = dice.randrange(len(content) + 1)
        match dice.randrange(6):
            case 0:
                made[name] = content[:place]
            case 1:
                made[name] = content[:place] + dice.randbytes(dice.randint(1, 9)) + content[place:]
            case 2:
                made[name] = content[:place] + content[place + dice.randint(1, 20) :]
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
                made[name] = content[:place] + dice.choice(words) + content[place + dice.randint(0, 4) :]
            case 4:
                made[f"x/{name}"] = made.pop(name)
            case _:
                made[name] = dice.randbytes(dice.randint(0, 40))
    return made
