"""COCO: everything the format supports survives export and import; tracks are restored from single frames."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as validator

from common.contract.labels import ObjectState
from common.contract.questions import SkippedRow
from common.geometry.masks import decode_bitmap
from common.geometry.shapes import geometry_at
from common.geometry.types import Bitmap, Box, Part, Polygon
from export.parsing.imported_object import ImportedObject
from export.parsing.run_lengths import decode_rle
from tests.export.made import archive, dataset, keyframe, labeled, medium
from tests.export.parsing.made_archives import objects, opened, packed, read, reasons, targets, written
from tests.export.strategies import FRAMES, projects

NAME = "COCO 1.0"
MEDIA = [medium("m1", "a.mp4", FRAMES), medium("m2", "b.mp4", FRAMES), medium("i1", "c.jpg")]
VIDEO = {"id": 1, "file_name": "a/frame_000002.png", "width": 640, "height": 480}
IMAGE = {"id": 2, "file_name": "c.jpg", "width": 640, "height": 480}


def as_state(number: int, imported: ImportedObject) -> ObjectState:
    """The imported object as a project stores it."""
    fields = imported.model_dump(include={"media_id", "category", "type", "attributes", "keyframes"})
    fixed = {"id": f"o{number}", "project_id": "p", "mission": "detection", "revision": 1, "author": "ada"}
    return ObjectState(**fixed, **fields, annotation_type=imported.kind)


def rows(files: dict[str, bytes]) -> list[str]:
    """The annotations of every frame, without ids and keyframe marks."""
    document = json.loads(files["annotations/instances_default.json"])
    names = {image["id"]: image["file_name"] for image in document["images"]}
    classes = {category["id"]: category["name"] for category in document["categories"]}
    result = []
    for row in document["annotations"]:
        attributes = {name: value for name, value in row["attributes"].items() if name not in ("track_id", "keyframe")}
        what = [names[row["image_id"]], classes[row["category_id"]], row["segmentation"], attributes, row.get("score")]
        result.append(json.dumps([*what, row["bbox"]], sort_keys=True))
    return sorted(result)


@given(projects(reach=500, most=4))
def test_boxes_are_visible_on_the_same_frames_at_the_same_positions(states: list[ObjectState]) -> None:
    plain = [state for state in states if state.annotation_type == "bbox"]
    made = archive(NAME, dataset(MEDIA, plain))

    entries = read(NAME, opened(packed(made)), targets(MEDIA))
    again = archive(
        NAME, dataset(MEDIA, [as_state(number, imported) for number, imported in enumerate(objects(entries))])
    )

    assert not [entry for entry in entries if isinstance(entry, SkippedRow)]
    before, after = boxes(made), boxes(again)
    assert before.keys() == after.keys()
    for where, corners in before.items():
        assert len(after[where]) == len(corners)
        assert np.sum(after[where], axis=0) == pytest.approx(np.sum(corners, axis=0), abs=0.03 * len(corners))


def boxes(files: dict[str, bytes]) -> dict[str, list[list[float]]]:
    """The boxes of an archive by image."""
    result: dict[str, list[list[float]]] = {}
    for name, *_, box in map(json.loads, rows(files)):
        result.setdefault(name, []).append(box)
    return result


def test_a_project_survives_export_and_import_frame_by_frame() -> None:
    states = [
        labeled("o1", keyframe(0), keyframe(10, 20.0, 30.0, 40.0, 70.0), keyframe(12, outside=True), type="car-1"),
        labeled("o2", keyframe(3, score=0.5), keyframe(5, occluded=True), keyframe(8, outside=True), keyframe(20)),
        labeled("o3", keyframe(1, attributes={"lit": "No"}), keyframe(6, attributes={"lit": "Yes"})),
        labeled("o4", keyframe(29), media_id="m2", attributes={"n": 1.0}),
        labeled("o5", keyframe(0, 1.0, 2.0, 3.0, 4.0, 30.0), media_id="i1"),
    ]
    made = archive(NAME, dataset(MEDIA, states))

    imported = objects(read(NAME, opened(packed(made)), targets(MEDIA)))

    again = [as_state(number, entry) for number, entry in enumerate(imported)]
    assert len(imported) == 5
    assert rows(archive(NAME, dataset(MEDIA, again))) == rows(made)


def test_between_keyframes_an_object_is_where_it_was() -> None:
    state = labeled("o1", keyframe(0), keyframe(10, 20.0, 30.0, 40.0, 70.0), keyframe(12, outside=True))
    (imported,) = objects(read(NAME, written(NAME, dataset(MEDIA, [state])), targets(MEDIA)))

    for frame in range(FRAMES):
        was, now = geometry_at(state.keyframes, frame), geometry_at(imported.keyframes, frame)
        assert (was is None) == (now is None)
        if isinstance(was, Box) and isinstance(now, Box):
            assert now.x1 == pytest.approx(was.x1, abs=0.011)
    assert [key.frame for key in imported.keyframes] == [0, 10, 11, 12]


def document(*annotations: Any, **more: Any) -> bytes:
    given: dict[str, Any] = {
        "images": [VIDEO, IMAGE],
        "annotations": annotations,
        "categories": [{"id": 1, "name": "a/b “c”\n", "supercategory": ""}],
    }
    return json.dumps(given | more).encode()


def row(image: int = 2, **more: Any) -> dict[str, Any]:
    return {"id": 1, "image_id": image, "category_id": 1, "bbox": [1, 2, 10, 20], "segmentation": []} | more


def single(*annotations: Any, **more: Any) -> list[Any]:
    return read(NAME, opened(document(*annotations, **more), "instances.json"), targets(MEDIA))


def test_a_single_file_without_attributes_is_read() -> None:
    ring = [1.0, 1.0, 9.0, 1.0, 9.0, 9.0]
    mask = {"counts": [5, 2, 3, 2, 13], "size": [5, 5]}

    box, outline, pixels, seen = single(row(), row(segmentation=[ring, ring]), row(segmentation=mask), row(image=1))

    assert box.category == "a/b “c”\n"
    assert box.keyframes[0].geometry == Box(x1=1, y1=2, x2=11, y2=22)
    part = Part(outer=[(1.0, 1.0), (9.0, 1.0), (9.0, 9.0)])
    assert outline.keyframes[0].geometry == Polygon(parts=[part, part])
    assert pixels.keyframes[0].geometry == Bitmap(x=1, y=0, width=2, height=2, runs=[0, 4])
    assert [(key.frame, key.outside) for key in seen.keyframes] == [(2, False), (3, True)]


@given(st.integers(1, 12), st.integers(1, 12), st.randoms(use_true_random=False))
def test_packed_masks_are_read_as_the_coco_tools_wrote_them(height: int, width: int, dice: Any) -> None:
    shapes = np.array([[dice.random() < 0.5 for _ in range(width)] for _ in range(height)], np.uint8)
    encoded = validator.encode(np.asfortranarray(shapes))
    text = {"size": encoded["size"], "counts": encoded["counts"].decode()}

    result = decode_rle(text)

    whole = np.zeros((height, width), np.bool_)
    if result.width:
        whole[result.y : result.y + result.height, result.x : result.x + result.width] = decode_bitmap(result)
    assert (whole == shapes.astype(bool)).all()


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (row(image_id=9), "no_such_image"),
        (row(category_id=9), "no_such_class"),
        (row(bbox=[1, 2]), "row_malformed"),
        (row(bbox=None), "row_malformed"),
        (row(bbox=[1, 2, "wide", 3]), "not_a_number"),
        (row(segmentation=[[1, 2, 3, 4]]), "points_too_few"),
        (row(segmentation={"counts": [1], "size": [10**6, 10**6]}), "mask_too_large"),
        (row(segmentation={"counts": [99], "size": [2, 2]}), "mask_runs_invalid"),
        (row(segmentation={"counts": "~~~", "size": [2, 2]}), "mask_encoding_invalid"),
        (row(segmentation={"counts": [4], "size": [2, 2]}), "mask_empty"),
        (row(image_id=[1]), "row_malformed"),
        ("nothing", "row_malformed"),
        (7, "row_malformed"),
    ],
)
def test_a_malformed_row_is_skipped_with_a_reason(broken: Any, code: str) -> None:
    entries = single(broken, row())

    (skipped,) = [entry for entry in entries if isinstance(entry, SkippedRow)]
    assert skipped.reason.code == code
    assert len(objects(entries)) == 1


def test_images_without_a_match_are_reported_once() -> None:
    strange = {"id": 3, "file_name": "gone.jpg"}

    entries = single(row(image=3), row(image=3), row(), images=[IMAGE, strange])

    skipped = [entry for entry in entries if isinstance(entry, SkippedRow)]
    assert reasons(skipped) == [("instances.json, image gone.jpg", "no_such_file", 2)]


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b'{"images": 7}', b'{"images": {}, "annotations": [], "categories": 1}']
)
def test_a_file_of_another_format_is_reported(content: bytes) -> None:
    (skipped,) = read(NAME, opened(packed({"annotations/instances_x.json": content})), targets(MEDIA))

    assert isinstance(skipped, SkippedRow)
    assert skipped.reason.code == "not_this_format"
