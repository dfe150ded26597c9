"""LFW: people, pairs and landmarks survive export and import; images are matched without folders, and by number."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.contract.labels import Keyframe, ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import ImageTag, Points
from export.formats.registry import READERS
from export.parsing.detect_format import detect_format
from export.parsing.imported_object import ImportedObject
from tests.export.made import labeled, medium, shape_object
from tests.export.parsing.made_archives import objects, opened, packed, read, targets
from tests.export.parsing.returned import returned
from tests.export.strategies import FRAMES, projects

NAME = "LFW 1.0"
MEDIA = [
    medium("m1", "a.mp4", FRAMES),
    medium("m2", "dir/b c.mp4", FRAMES),
    medium("i1", "x/c.jpg"),
    medium("i2", "Ada_0002.jpg"),
]
FIVE = [(1.0, 2.0), (3.0, 4.0), (5.0, 6.0), (7.0, 8.5), (9.0, -1.0)]
PICTURES = st.sampled_from(
    ["Ada_0002", "Ada/Ada_0002", "x_c", "Bob/a_frame_000002", "Bob/Bob_0007", "7", "-/x_c", "a\tb"]
)
TOLD = st.lists(PICTURES, max_size=3).map(";".join)
SAID = st.fixed_dictionaries({}, optional={"positive_pairs": TOLD, "negative_pairs": TOLD})
PEOPLE = st.lists(
    st.tuples(
        st.sampled_from(["Ada", "Bob"]), st.sampled_from(["m1", "m2", "i1", "i2"]), st.integers(0, 9), SAID, SAID
    ),
    max_size=4,
)


def person(number: int, name: str, media_id: str, frame: int, attributes: Any, later: Any) -> ObjectState:
    keyframes = [Keyframe(frame=frame, geometry=ImageTag(), attributes=attributes)]
    keyframes += [Keyframe(frame=frame + 3, geometry=ImageTag(), attributes=later)] if media_id[0] == "m" else []
    return labeled(f"p-{number}", *keyframes, media_id=media_id, annotation_type="label", category=name)


def rows(files: dict[str, bytes]) -> dict[str, list[bytes]]:
    """The lines of all files except the class list; the id of another mission's class becomes that class."""
    lines_by_file = {
        name: text.replace(b"vehicle-1", b"Vehicle") for name, text in files.items() if "people" not in name
    }
    return {name: sorted(text.split(b"\n")) for name, text in lines_by_file.items()}


@given(projects(reach=500, most=2), PEOPLE)
def test_every_exported_row_is_imported(states: list[ObjectState], people: list[Any]) -> None:
    points = [shape_object("z-face", Points(points=FIVE), media_id="i1", category="Pedestrian")]

    round_trip = returned(
        NAME, MEDIA, [*points, *states, *(person(number, *each) for number, each in enumerate(people))]
    )

    assert round_trip.skipped == []
    assert rows(round_trip.after) == rows(round_trip.before)


def test_people_pairs_and_landmarks_survive_a_round_trip() -> None:
    pairs = {"positive_pairs": "Ada/x_c", "negative_pairs": "Bob/a_frame_000003;Ada_0001"}
    states = [
        person(1, "Ada", "i2", 0, pairs, {}),
        person(2, "Ada", "i1", 0, {"positive_pairs": "Ada_0002"}, {}),
        person(3, "Bob", "m1", 3, {"negative_pairs": "Ada/Ada_0002"}, {"negative_pairs": ""}),
        shape_object("z-face", Points(points=FIVE), media_id="i1", category="Ada"),
    ]

    result = {(imported.media_id, imported.kind): imported for imported in returned(NAME, MEDIA, states).objects}

    assert result["i2", "label"].attributes == pairs
    assert result["i1", "label"].attributes == {"positive_pairs": "Ada/Ada_0002"}
    assert result["i1", "points"].keyframes[0].geometry == Points(points=FIVE)
    bob = result["m1", "label"]
    attributes = {
        keyframe.frame: keyframe.attributes["negative_pairs"]
        for keyframe in bob.keyframes
        if "negative_pairs" in keyframe.attributes
    }
    assert (bob.category, attributes) == ("Bob", {3: "Ada/Ada_0002", 6: ""})


def test_the_data_set_itself_is_read() -> None:
    media = [
        medium(f"i{number}", f"lfw/{name}.jpg")
        for number, name in enumerate(("Ada/Ada_0001", "Ada/Ada_0012", "Bob/Bob_0003"))
    ]
    bundle = opened(packed({"lfw/pairs.txt": b"10\t300\nAda\t1\t12\r\nAda\t1\tBob\t3\n"}))
    assert detect_format(bundle, None, READERS)[0] == NAME

    ada, again, bob = objects(read(NAME, bundle, targets(media)))

    assert (ada.media_id, ada.category, ada.kind) == ("i0", "Ada", "label")
    assert ada.attributes == {"positive_pairs": "Ada/Ada_0012", "negative_pairs": "Bob/Bob_0003"}
    assert [(each.media_id, each.category, each.attributes) for each in (again, bob)] == [
        ("i1", "Ada", {}),
        ("i2", "Bob", {}),
    ]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (b"c.jpg\t1\t2", "values_count_wrong"),
        (b"x_c.jpg" + b"\twide" * 10, "not_a_number"),
        (b"x_c.jpg" + b"\tnan" * 10, "finite_number"),
        (b"Eve/gone.jpg" + b"\t1" * 10, "no_such_file"),
    ],
)
def test_a_malformed_row_is_skipped_with_a_reason(row: bytes, code: str) -> None:
    good = b"x_c.jpg" + b"\t1" * 10
    files = {
        "default/annotations/landmarks.txt": row + b"\n\n" + good,
        "default/annotations/pairs.txt": b"a\tb\tc\td\te\n",
    }

    entries = read(NAME, opened(packed(files)), targets(MEDIA))

    pairs, broken = [entry for entry in entries if isinstance(entry, SkippedRow)]
    assert pairs.reason.code == "values_count_wrong"
    assert broken.reason.code == code
    assert [entry.category for entry in entries if isinstance(entry, ImportedObject)] == ["face"]


def test_the_number_of_a_persons_image_is_not_a_frame_number() -> None:
    files = {"default/annotations/pairs.txt": b"Ada/Ada_0003\nAda/frame_000004\nAda/a_frame_000005\n"}

    entries = read(NAME, opened(packed(files)), targets(MEDIA[:1]))

    (label,) = objects(entries)
    assert [(keyframe.frame, keyframe.outside) for keyframe in label.keyframes] == [(5, False)]
    assert sorted(entry.where for entry in entries if isinstance(entry, SkippedRow)) == [
        "Ada/Ada_0003",
        "Ada/frame_000004",
    ]
