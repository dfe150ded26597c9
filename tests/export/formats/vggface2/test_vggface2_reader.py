"""VGGFace2: boxes, landmarks and labels survive export and import by image names and tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.contract.labels import ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import Box, ImageTag, Points
from export.formats.registry import READERS
from export.parsing.detect_format import detect_format
from tests.export.made import keyframe, labeled, medium, shape_object
from tests.export.parsing.made_archives import objects, opened, packed, read, targets
from tests.export.parsing.returned import returned
from tests.export.strategies import FRAMES, projects

NAME = "VGGFace2 1.0"
MEDIA = [medium("m1", "a.mp4", FRAMES), medium("m2", "dir/b c.mp4", FRAMES), medium("i1", "v1.2.jpg")]
FIVE = [(1.0, 2.0), (3.0, 4.0), (5.0, 6.0), (7.0, 8.5), (9.0, -1.0)]
FACES = st.lists(st.sampled_from(["m1", "m2", "i1"]), max_size=3)


def rows(files: dict[str, bytes]) -> dict[str, list[bytes]]:
    """The lines of all tables; the id of another mission's class becomes that class."""
    tables = {name: text.replace(b"vehicle-1", b"Vehicle") for name, text in files.items() if name != "labels.txt"}
    return {name: sorted(text.splitlines()) for name, text in tables.items()}


@given(projects(reach=500, most=4), FACES)
def test_every_exported_row_is_imported(states: list[ObjectState], faces: list[str]) -> None:
    landmarks = [
        shape_object(f"face-{number}", Points(points=FIVE), media_id=face, frame=number, category="Pedestrian")
        for number, face in enumerate(faces)
    ]

    round_trip = returned(NAME, MEDIA, [*landmarks, *states])

    assert round_trip.skipped == []
    assert rows(round_trip.after) == rows(round_trip.before)


def test_faces_survive_a_round_trip() -> None:
    states = [
        labeled("o1", keyframe(0, 1, 2, 3.5, 4), media_id="i1", category="Ada"),
        shape_object("o2", Points(points=FIVE), media_id="i1", category="Ada"),
        labeled("o3", keyframe(1), keyframe(2, outside=True), media_id="m2", category="Bob"),
        shape_object("o4", ImageTag(), media_id="m1", category="my friend", frame=3),
    ]

    box, other, points, label = returned(NAME, MEDIA, states).objects

    assert (box.category, box.keyframes[0].geometry) == ("Ada", Box(x1=1, y1=2, x2=3.5, y2=4))
    assert (points.category, points.keyframes[0].geometry) == ("Ada", Points(points=FIVE))
    assert (other.media_id, [(each.frame, each.outside) for each in other.keyframes]) == ("m2", [(1, False), (2, True)])
    assert (label.category, label.kind, label.keyframes[0].frame) == ("my_friend", "label", 3)


def test_the_data_set_itself_is_read() -> None:
    files = {
        "bb_landmark/loose_bb_train.csv": b'"NAME_ID","X","Y","W","H"\r\n"n000002/v1.2",161,140,224,324\r\n',
        "bb_landmark/loose_landmark_train.csv": b"NAME_ID;P1X;P1Y\nn000002\\v1.2;1;2;3;4;5;6;7;8,5;9;0\n",
    }
    files["bb_landmark/loose_landmark_train.csv"] = files["bb_landmark/loose_landmark_train.csv"].replace(
        b"8,5", b"8.5"
    )
    bundle = opened(packed(files))
    assert detect_format(bundle, None, READERS)[0] == NAME

    box, points = objects(read(NAME, bundle, targets(MEDIA)))

    assert (box.category, box.keyframes[0].geometry) == ("n000002", Box(x1=161, y1=140, x2=385, y2=464))
    assert points.kind == "points"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (b"x/v1.2,1,2,3", "values_count_wrong"),
        (b"x/v1.2,1,2,3,wide", "not_a_number"),
        (b"x/v1.2,1,2,3,inf", "finite_number"),
        (b"x/gone,1,2,3,4", "no_such_file"),
        (b"," * 5, "no_such_file"),
    ],
)
def test_a_malformed_row_is_skipped_with_a_reason(row: bytes, code: str) -> None:
    files = {"loose_bb_x.csv": b"NAME_ID,X,Y,W,H\n" + row + b"\nno_label/v1.2,1,2,3,4\n"}

    entries = read(NAME, opened(packed(files)), targets(MEDIA))

    assert [entry.reason.code == code for entry in entries if isinstance(entry, SkippedRow)] == [True] * (
        row != b"," * 5
    )
    assert [imported.category for imported in objects(entries)] == ["face"]
