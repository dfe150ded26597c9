"""Open Images: boxes, masks and labels survive export and import; tables of the public data set are imported."""

import csv
import io
from collections import Counter
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given

from common.contract.labels import Keyframe, ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import Bitmap, Box, ImageTag
from tests.export.made import keyframe, labeled, medium, shape_object
from tests.export.parsing.made_archives import objects, opened, packed, read, targets
from tests.export.parsing.plain import PLAIN
from tests.export.parsing.returned import assert_same_rows, returned
from tests.export.strategies import projects

NAME = "Open Images V6 1.0"
MEDIA = [medium(each, name, 6, width=64, height=48) for each, name in (("m1", "a.mp4"), ("m2", "b.mp4"))]
MEDIA += [medium("i1", "dir/c d.jpg", width=64, height=48)]
TABLES = (
    "images-with-rotation",
    "annotations-human-imagelabels",
    "annotations-bbox",
    "annotations-object-segmentation",
)


@given(projects(reach=100, most=4))
def test_every_exported_row_is_imported(states: list[ObjectState]) -> None:
    assert_same_rows(NAME, MEDIA, states, rows, PLAIN)


def rows(files: dict[str, bytes]) -> Counter[Any]:
    """The rows of all tables, with masks instead of their file names."""
    result: Counter[Any] = Counter()
    for table in TABLES:
        text = files.get(f"annotations/default-{table}.csv", b"").decode()
        for row in csv.DictReader(io.StringIO(text, newline="")):
            shown = files[f"masks/default/{row.pop('MaskPath')}"] if "MaskPath" in row else b""
            row.pop("BoxID", None)
            result[table, shown, tuple(row.items())] += 1
    return result


def test_boxes_masks_and_labels_survive_a_round_trip() -> None:
    pixels = Bitmap(x=1, y=2, width=4, height=2, runs=[0, 8])
    span = [Keyframe(frame=1, geometry=ImageTag()), Keyframe(frame=4, geometry=ImageTag(), outside=True)]
    attributes: dict[str, Any] = {"truncated": True, "is_inside": False}
    states = [
        labeled("o1", keyframe(0, 1, 2, 30, 40, score=0.5, occluded=True), media_id="i1", attributes=attributes),
        shape_object("o2", pixels, media_id="i1", category='a,"b"\n', score=0.25),
        labeled("o3", *span, annotation_type="label"),
    ]

    result = {imported.kind: imported for imported in returned(NAME, MEDIA, states).objects}

    key = result["bbox"].keyframes[0]
    assert (key.geometry, key.occluded, key.score) == (Box(x1=1, y1=2, x2=30, y2=40), True, 0.5)
    assert result["bbox"].attributes == attributes
    assert result["bitmap"].keyframes[0].geometry == pixels
    assert (result["bitmap"].category, result["bitmap"].keyframes[0].score) == ('a,"b"\n', 0.25)
    assert [(key.frame, key.outside) for key in result["label"].keyframes] == [(1, False), (3, False), (4, True)]


BOX = "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated\r\n"
ROW = "c d,xclick,/m/1,1,0.25,0.5,0.5,1,0,-1\r\n"
DESCRIPTIONS = "/m/1,Car\r\n"


def parsed(boxes: str, **more: bytes) -> list[Any]:
    files = {
        "class-descriptions-boxable.csv": DESCRIPTIONS.encode(),
        "oidv6-train-annotations-bbox.csv": boxes.encode(),
    }
    return read(NAME, opened(packed(files | more)), targets(MEDIA))


def test_the_public_data_set_is_imported() -> None:
    _, png = cv2.imencode(".png", np.array([[0, 255]], np.uint8))
    more: dict[str, bytes] = {
        "train-annotations-human-imagelabels.csv": (
            b"ImageID,Source,LabelName,Confidence\nc d,verification,/m/1,1\nc d,verification,/m/2,0\n"
        ),
        "train-annotations-object-segmentation.csv": (
            b"MaskPath,ImageID,LabelName,BoxID,BoxXMin,BoxXMax,BoxYMin,BoxYMax,PredictedIoU,Clicks\n"
            b"m.png,a/frame_000002,/m/1,1,0,1,0,1,0.9,\n"
        ),
        "x/m.png": png.tobytes(),
        "oidv6-train-annotations-vrd.csv": b"ImageID,LabelName1,LabelName2,RelationshipLabel\na,b,c,d\n",
    }

    entries = parsed(BOX + ROW, **more)

    by_kind = {imported.kind: imported for imported in objects(entries)}
    assert len(objects(entries)) == 3
    assert by_kind["bbox"].keyframes[0].geometry == Box(x1=16, y1=24, x2=32, y2=48)
    assert {imported.category for imported in objects(entries)} == {"Car"}
    mask = by_kind["bitmap"].keyframes[0]
    assert isinstance(mask.geometry, Bitmap)
    assert (mask.frame, mask.geometry.x, mask.geometry.width, mask.geometry.height) == (2, 32, 32, 48)
    reasons = [entry.reason.code for entry in entries if isinstance(entry, SkippedRow)]
    assert sorted(reasons) == ["absent_labels_skipped", "relations_skipped"]


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ("c d,,/m/1,1,wide,0.5,0.5,1,0,-1", "not_a_number"),
        ("c d,,/m/1,1,nan,0.5,0.5,1,0,-1", "finite_number"),
        ("c d,,/m/1,7,0.25,0.5,0.5,1,0,-1", "less_than_equal"),
        ("c d,,/m/1,inf,0.25,0.5,0.5,1,0,-1", "score_out_of_range"),
        ("c d,,/m/1", "not_a_number"),
        ("gone,,/m/1,1,0.25,0.5,0.5,1,0,-1", "no_such_file"),
    ],
)
def test_a_malformed_row_is_skipped_with_a_reason(broken: str, code: str) -> None:
    entries = parsed(f"{BOX}{broken}\r\n{ROW}")

    (skipped,) = [entry for entry in entries if isinstance(entry, SkippedRow)]
    assert skipped.reason.code == code
    assert len(objects(entries)) == 1


def test_a_mask_that_is_not_there_is_reported() -> None:
    table = b"MaskPath,ImageID,LabelName,PredictedIoU\n../m.png,c d,/m/1,\n"

    (skipped,) = [entry for entry in parsed(BOX + ROW, **{"a.csv": table}) if isinstance(entry, SkippedRow)]

    assert skipped.reason.code == "file_not_in_archive"
