"""Market-1501: people are restored from image names, and renamed images are matched."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.contract.labels import Keyframe, ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import ImageTag
from export.formats.registry import READERS
from export.parsing.detect_format import detect_format
from export.parsing.imported_object import ImportedObject
from tests.export.made import labeled, medium, shape_object
from tests.export.parsing.made_archives import objects, opened, packed, read, targets
from tests.export.parsing.returned import returned
from tests.export.strategies import FRAMES, projects

NAME = "Market-1501 1.0"
MEDIA = [
    medium("m1", "a.mp4", FRAMES),
    medium("m2", "dir/b c.mp4", 5),
    medium("i1", "c.jpg"),
    medium("i2", "0002_c1s1_000451_03.jpg"),
]
NUMBERS = st.integers(-2, 40).map(float) | st.sampled_from(["7", "0012", "x", True])
SAID = st.fixed_dictionaries(
    {"person_id": NUMBERS},
    optional=dict.fromkeys(("camera_id", "track_id", "frame_id", "bbox_id"), NUMBERS) | {"query": st.booleans()},
)
PEOPLE = st.lists(st.tuples(st.sampled_from(["m1", "m2", "i1", "i2"]), st.integers(0, 9), SAID, SAID), max_size=4)


def person(number: int, media_id: str, frame: int, attributes: dict[str, Any], later: dict[str, Any]) -> ObjectState:
    keyframes = [Keyframe(frame=frame, geometry=ImageTag(), attributes=attributes)]
    keyframes += [Keyframe(frame=frame + 3, geometry=ImageTag(), attributes=later)] if media_id != "i1" else []
    more = {"annotation_type": "label", "category": "market-1501"}
    return labeled(f"person-{number}", *keyframes, media_id=media_id, **more)


@given(projects(reach=500, most=2), PEOPLE)
def test_every_exported_row_is_imported(states: list[ObjectState], people: list[Any]) -> None:
    round_trip = returned(NAME, MEDIA, [*states, *(person(number, *each) for number, each in enumerate(people))])

    assert round_trip.skipped == []
    assert round_trip.after == round_trip.before


def test_person_attributes_survive_a_round_trip() -> None:
    attributes = {"person_id": "0001", "camera_id": 2.0, "track_id": 3.0, "frame_id": 15.0, "bbox_id": 7.0}
    states = [
        shape_object("o1", ImageTag(), media_id="i1", category="market-1501", attributes={**attributes, "query": True}),
        person(1, "m2", 1, {"person_id": 5.0}, {"person_id": 6.0, "query": True}),
    ]

    result = {imported.media_id: imported for imported in returned(NAME, MEDIA, states).objects}

    assert (result["i1"].category, result["i1"].kind) == ("market-1501", "label")
    assert result["i1"].attributes == {**attributes, "query": True}
    assert result["i2"].attributes == {
        "person_id": "0002", "camera_id": 0.0, "track_id": 1.0, "frame_id": 451.0, "bbox_id": 3.0
    }  # fmt: skip
    people = [
        (keyframe.frame, keyframe.attributes.get("person_id"), keyframe.attributes.get("query"))
        for keyframe in result["m2"].keyframes
    ]
    assert people == [(1, 5.0, False), (2, None, None), (3, None, None), (4, 6.0, True)]


@pytest.mark.parametrize(
    "files",
    [
        {"images_train.txt": b"bounding_box_train\\0002_c1s1_000451_03.jpg\r\n\r\n"},
        {"Market/images_query.txt": b"query/0002_c1s1_000451_03.jpg"},
        {"Market-1501/bounding_box_test/0002_c1s1_000451_03.JPG": b"", "Market-1501/readme.txt": b"hello"},
        {"gt_bbox/0002_c1s1_000451_03.jpg": b"", "bounding_box_train/Thumbs.db": b""},
    ],
)
def test_archives_of_others_are_read(files: dict[str, bytes]) -> None:
    bundle = opened(packed(files))
    assert detect_format(bundle, None, READERS)[0] == NAME

    (item,) = read(NAME, bundle, targets(MEDIA))

    assert isinstance(item, ImportedObject)
    assert (item.media_id, item.attributes["person_id"]) == ("i2", "0002")
    assert item.attributes.get("query") == (True if b"query" in next(iter(files.values())) else None)


def test_images_without_a_match_are_reported() -> None:
    lines = b"query/9_c1s1_1_1.jpg\nbounding_box_x/gone.jpg\n\xff\xfe\nquery/c.jpg\nbounding_box_x/7_c0s0_0_0.png"
    names = b"bounding_box_x/7_c0s0_0_0.png\tc.jpg\nbroken\n\ta\tb\n"

    entries = read(NAME, opened(packed({"images_x.txt": lines, "names.txt": names})), targets([MEDIA[0], MEDIA[2]]))

    (skipped,) = [entry for entry in entries if isinstance(entry, SkippedRow)]
    assert (skipped.where, skipped.reason.code) == ("query/9_c1s1_1_1.jpg", "no_such_file")
    (imported,) = objects(entries)
    assert (imported.media_id, imported.attributes["camera_id"]) == ("i1", -1.0)


@pytest.mark.parametrize("content", [b"", b"images/1.jpg\n", b"1 2 3"])
def test_other_lists_are_not_detected(content: bytes) -> None:
    assert READERS[NAME].detect(opened(packed({"images_x.txt": content}))) == 0.0
