"""CVAT's task annotations as its API and its backups contain them; each malformed part is reported."""

import json
from typing import Any

import pytest

from common.contract.questions import SkippedRow
from common.geometry.types import Box, ImageTag, Keypoint, Skeleton
from export.formats.registry import READERS
from export.parsing.detect_format import detect_format
from export.parsing.reader import DeclaredMission
from tests.export.made import medium
from tests.export.parsing.made_archives import objects, opened, packed, read, targets

NAME = "CVAT task annotations JSON"
CLIP, PICTURE = medium("m1", "clip.mp4", 10), medium("i1", "x y.jpg")
LABELS = [
    {
        "id": 1,
        "name": "car",
        "color": "#112233",
        "attributes": [{"id": 5, "name": "lit", "input_type": "checkbox", "mutable": True, "values": []}],
        "sublabels": [{"id": 2, "name": "nose"}, {"id": 3, "name": "tail"}],
    }
]
BOX = {"type": "rectangle", "frame": 0, "label_id": 1, "points": [1, 2, 3, 4], "occluded": False, "outside": False}


def packed_document(document: Any, name: str = "clip.json") -> Any:
    labels = {"count": 1, "results": LABELS}
    return opened(packed({name: json.dumps(document).encode(), "labels.json": json.dumps(labels).encode()}))


def parsed(**parts: Any) -> list[Any]:
    return [
        entry
        for entry in read(NAME, packed_document({"version": 3, **parts}), targets([CLIP]))
        if not isinstance(entry, DeclaredMission)
    ]


def at(frame: int, **more: Any) -> dict[str, Any]:
    return {**BOX, "frame": frame, **more}


def test_a_dump_of_the_interface_is_read() -> None:
    attributes = [{"spec_id": 5, "value": "True"}, {"spec_id": 99, "value": "?"}]
    shapes = [at(3, attributes=attributes, source="auto", score=0.5, group=0)]
    tracks = [{"frame": 1, "label_id": 1, "group": 0, "shapes": [at(6, outside=True), at(1)], "attributes": []}]
    tags = [{"frame": frame, "label_id": 1, "source": "manual"} for frame in (4, 5)]

    shape, track, tag = (entry for entry in parsed(shapes=shapes, tracks=tracks, tags=tags))

    assert (shape.attributes, shape.source, shape.keyframes[0].score) == ({"lit": True}, "model", 0.5)
    assert [(key.frame, key.outside) for key in shape.keyframes] == [(3, False), (4, True)]
    assert [(key.frame, key.outside) for key in track.keyframes] == [(1, False), (6, True)]
    assert tag.keyframes[0].geometry == ImageTag()
    assert [(key.frame, key.outside) for key in tag.keyframes if key.frame != 5] == [(4, False), (6, True)]


def test_a_backup_names_labels_and_attributes() -> None:
    shape = {**BOX, "label": "car", "attributes": [{"name": "lit", "value": "false"}, {"name": "n", "value": "7"}]}
    del shape["label_id"]
    task = {"name": "clip.mp4", "labels": [{key: value for key, value in LABELS[0].items() if key != "id"}]}
    files = {"annotations.json": [{"version": 0, "shapes": [shape], "tags": [], "tracks": []}], "task.json": task}
    bundle = opened(packed({name: json.dumps(content).encode() for name, content in files.items()}))

    (imported,) = objects(read(NAME, bundle, targets([PICTURE, CLIP, medium("m2", "b.mp4")])))

    assert detect_format(bundle, None, READERS)[0] == NAME
    assert (imported.media_id, imported.category, imported.attributes) == ("m1", "car", {"lit": False, "n": 7.0})


def test_points_of_skeletons_have_keyframes_of_their_own() -> None:
    def point(frame: int, x: float, **more: Any) -> dict[str, Any]:
        return {"type": "points", "frame": frame, "points": [x, 0], "outside": False, "occluded": False, **more}

    elements = [
        {"label_id": 2, "frame": 0, "shapes": [point(0, 0), point(8, 8)]},
        {"label_id": 3, "frame": 0, "shapes": [point(0, 5), point(4, 5, outside=True)]},
    ]
    own = {"type": "skeleton", "frame": 0, "points": [], "outside": False, "occluded": False}

    (imported,) = parsed(tracks=[{"frame": 0, "label_id": 1, "shapes": [own], "elements": elements}])

    nose, tail = Keypoint(name="nose", x=4, y=0), Keypoint(name="tail", x=5, y=0)
    assert [key.frame for key in imported.keyframes] == [0, 4, 8]
    assert imported.keyframes[0].geometry == Skeleton(keypoints=[nose.model_copy(update={"x": 0}), tail])
    assert imported.keyframes[1].geometry == Skeleton(keypoints=[nose])


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (at(99), "no_such_frame"),
        (at(2, label_id=9), "no_such_label"),
        (at(2, points=[1, 2]), "row_malformed"),
        (at(2, points=[1, 2, "wide", 4]), "float_parsing"),
        (at(2, points=None), "row_malformed"),
        (at(2, type="blob"), "shape_unsupported"),
        (at(2, type="mask"), "mask_empty"),
        (at(2, type="mask", points=[0, 9, 0, 0, 1, 1]), "bitmap_runs_incomplete"),
        (at(2, type="skeleton"), "field_missing"),
        (at(2, type="skeleton", elements=[{"label_id": [], "points": [1, 2]}]), "no_such_keypoint"),
        (at(2, group=[1]), "row_malformed"),
        (at(2, attributes=[{"spec_id": 5}]), "field_missing"),
        ({"frame": 0}, "no_such_label"),
        (7, "row_malformed"),
    ],
)
def test_a_malformed_shape_is_skipped_with_a_reason(broken: Any, code: str) -> None:
    skipped, each = sorted(parsed(shapes=[broken, BOX]), key=lambda entry: not isinstance(entry, SkippedRow))

    assert skipped.reason.code == code
    assert skipped.where.startswith("clip.json, shapes 1")
    assert each.keyframes[0].geometry == Box(x1=1, y1=2, x2=3, y2=4)


@pytest.mark.parametrize(
    "track", [{"label_id": 1}, {"label_id": 1, "shapes": []}, {"label_id": 1, "shapes": [at(0, points=[1])]}, [], None]
)
def test_a_malformed_track_is_reported(track: Any) -> None:
    (skipped,) = parsed(tracks=[track])

    assert isinstance(skipped, SkippedRow)


@pytest.mark.parametrize("content", [{}, [], [1], 7, {"labels": []}])
def test_a_file_of_another_format_is_reported(content: Any) -> None:
    (skipped,) = [
        entry for entry in read(NAME, packed_document(content), targets([CLIP])) if isinstance(entry, SkippedRow)
    ]

    assert skipped.reason.code == "not_this_format"


def test_files_of_media_that_are_not_there_are_reported() -> None:
    bundle = packed_document({"version": 0, "shapes": [BOX]}, "gone.json")

    (skipped,) = [entry for entry in read(NAME, bundle, targets([CLIP])) if isinstance(entry, SkippedRow)]

    assert skipped.where == "gone.json"
