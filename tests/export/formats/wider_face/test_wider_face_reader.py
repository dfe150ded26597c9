"""WiderFace: boxes and image labels survive export and import; the public data set is imported too."""

import pytest
from hypothesis import given

from common.contract.labels import Keyframe, ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import Box, ImageTag
from export.formats.registry import READERS
from export.parsing.detect_format import detect_format
from export.parsing.imported_object import ImportedObject
from tests.export.made import keyframe, labeled, medium, shape_object
from tests.export.parsing.made_archives import objects, opened, packed, read, targets
from tests.export.parsing.returned import assert_same_rows, returned
from tests.export.strategies import FRAMES, projects

NAME = "WiderFace 1.0"
MEDIA = [medium("m1", "a.mp4", FRAMES), medium("m2", "dir/b c.mp4", FRAMES), medium("i1", "c.jpg")]
GROUND_TRUTH = "wider_face_split/wider_face_default_bbx_gt.txt"


def rows(files: dict[str, bytes]) -> dict[str, list[str]]:
    """The boxes of each image, with labels without numbers; the id of another mission's class becomes that class."""
    result: dict[str, list[str]] = {}
    boxes: list[str] = []
    for line in files[GROUND_TRUTH].decode().replace("vehicle-1", "Vehicle").split("\n")[:-1]:
        if "/" in line:
            boxes = result.setdefault(line.partition("--")[2] or line, [])
        elif not line.isdecimal():
            boxes.append(line)
    return {path: sorted(boxes) for path, boxes in result.items()}


@given(projects(reach=500, most=4))
def test_every_exported_row_is_imported(states: list[ObjectState]) -> None:
    assert_same_rows(NAME, MEDIA, states, rows)


def test_faces_keep_their_attributes() -> None:
    attributes = {"blur": 2.0, "pose": True, "expression": "-", "illumination": "a b", "invalid": False}
    states = [
        labeled("o1", keyframe(0, 1, 2, 3, 4, occluded=True), media_id="i1", category="face", attributes=attributes),
        labeled("o2", keyframe(0, 1, 2, 3, 4), media_id="i1", category="my face"),
        labeled("o3", keyframe(1, occluded=True), keyframe(2, outside=True), media_id="m2"),
        shape_object("o4", ImageTag(), media_id="i1", category="a--b"),
        labeled("o5", Keyframe(frame=4, geometry=ImageTag()), annotation_type="label", media_id="m2", category="Crowd"),
    ]

    result = {(imported.media_id, imported.category): imported for imported in returned(NAME, MEDIA, states).objects}

    face, other = result["i1", "face"], result["i1", "my_face"]
    assert face.keyframes[0].geometry == other.keyframes[0].geometry == Box(x1=1, y1=2, x2=3, y2=4)
    assert (face.keyframes[0].occluded, other.keyframes[0].occluded) == (True, False)
    assert face.attributes == attributes | {"expression": "_", "illumination": "a_b"}
    assert other.attributes == {}
    assert [(each.frame, each.occluded) for each in result["m2", "Vehicle"].keyframes] == [(1, True), (2, False)]
    assert result["i1", "a-b"].kind == "label"
    crowd = [each.frame for each in result["m2", "Crowd"].keyframes if not each.outside]
    assert (crowd[0], result["m2", "Crowd"].keyframes[-1].outside) == (4, False)


def test_the_data_set_itself_is_read() -> None:
    lines = (
        b"0--Parade/c.jpg\r\n2\r\n449 330 122 149 1 0 0 1 2 0\r\n361 98 263 339 0 0 0 0 0 0\r\n"
        b"1--Handshaking\\gone.jpg\r\n0\r\n0 0 0 0 0 0 0 0 0 0\r\n"
    )
    bundle = opened(packed({"WIDER/wider_face_split/wider_face_val_bbx_gt.txt": lines}))
    assert detect_format(bundle, None, READERS)[0] == NAME

    label, first, second, gone = read(NAME, bundle, targets(MEDIA))

    assert isinstance(label, ImportedObject)
    assert isinstance(first, ImportedObject)
    assert isinstance(second, ImportedObject)
    assert (label.category, label.kind, first.category) == ("Parade", "label", "face")
    assert first.attributes == {
        "blur": 1.0, "expression": 0.0, "illumination": 0.0, "invalid": 1.0, "occlusion": 2.0, "pose": 0.0
    }  # fmt: skip
    assert (first.keyframes[0].occluded, second.keyframes[0].occluded) == (True, False)
    assert isinstance(gone, SkippedRow)
    assert gone.reason.code == "no_such_file"


def test_archives_of_cvat_are_imported() -> None:
    lines = b"no_label/c.jpg\n2\n1.5 2 3 4 0 - 0 False - True\n1 2 3 4 - - - True - - hat\n"
    files = {"labels.txt": b"face\nhat", "wider_face_split/wider_face_train_bbx_gt.txt": lines}

    face, hat = objects(read(NAME, opened(packed(files)), targets(MEDIA)))

    assert (face.category, face.keyframes[0].occluded) == ("face", False)
    assert face.attributes == {"blur": 0.0, "illumination": 0.0, "invalid": True}
    assert (hat.category, hat.keyframes[0].occluded, hat.attributes) == ("hat", True, {})


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (b"1 2 3", "row_malformed"),
        (b"1 2 wide 4", "not_a_number"),
        (b"1 2 3 4 5 6", "values_count_wrong"),
        (b"1 2 nan 4", "finite_number"),
        (b"\xff\xfe 1 2 3", "not_a_number"),
    ],
)
def test_a_malformed_row_is_skipped_with_a_reason(row: bytes, code: str) -> None:
    files = {GROUND_TRUTH: b"1 1 1 1\nno_label/c.jpg\n9\n" + row + b"\n1 2 3 4\n"}

    entries = read(NAME, opened(packed(files)), targets(MEDIA))

    broken, before = [entry for entry in entries if isinstance(entry, SkippedRow)]
    assert broken.reason.code == code
    assert broken.where.startswith(f"{GROUND_TRUTH}, line 4")
    assert before.reason.code == "image_name_missing"
    assert len(objects(entries)) == 1
