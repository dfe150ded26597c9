"""Datumaro: all shapes survive export and import, skeletons from their keypoints; files of CVAT and Datumaro are
imported."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given

from common.contract.labels import Keyframe, ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import Bitmap, Box, Ellipse, Geometry, ImageTag, Keypoint, Part, Points, Polygon, Skeleton
from tests.export.made import keyframe, labeled, medium, shape_object
from tests.export.parsing.made_archives import objects, opened, packed, read, targets
from tests.export.parsing.plain import PLAIN
from tests.export.parsing.returned import returned
from tests.export.strategies import FRAMES, projects

NAME = "Datumaro 1.0"
MEDIA = [medium(each, name, FRAMES, width=64, height=48) for each, name in (("m1", "a.mp4"), ("m2", "b.mp4"))]
MEDIA += [medium("i1", "dir/c.jpg", width=64, height=48)]
SQUARE = [(5.0, 5.0), (25.0, 5.0), (25.0, 25.0), (5.0, 25.0)]
NOSE, TAIL = Keypoint(name="nose", x=9, y=8), Keypoint(name="tail", x=20, y=9, visible=False)


def rows(files: dict[str, bytes], *, exact: bool) -> Counter[str]:
    """The annotations of every frame; `exact` compares only keyframes, with their shapes."""
    document = json.loads(files["annotations/default.json"], parse_float=lambda number: float(number) + 0.0)
    names = [label["name"] for label in document["categories"]["label"]["labels"]]
    points = {names[each["label_id"]]: each["labels"] for each in document["categories"]["points"]["items"]}
    result: Counter[str] = Counter()
    for item in document["items"]:
        result[json.dumps([item["id"], item["image"], item["attr"]])] += 1
        for row in item["annotations"]:
            reported = {
                name: value for name, value in row["attributes"].items() if name not in ("track_id", "keyframe")
            }
            name = names[row["label_id"]]
            if row["type"] == "ellipse" and not reported.get("rotation"):
                # A circle becomes an ellipse.
                reported.pop("rotation", None)
            what = [
                item["id"],
                row["type"],
                name,
                row.get("less_than_equal"),
                bool(row["group"]),
                reported.get("score"),
            ]
            if exact:
                shape = [row.get(part) for part in ("bbox", "points", "visibility", "rle")]
                what += [reported, shape if row["type"] != "points" else named(row, points.get(name, []))]
            if not exact or row["attributes"].get("keyframe", True):
                result[json.dumps(what, sort_keys=True)] += 1
    return result


def named(row: dict[str, Any], names: list[str]) -> list[Any]:
    """The points, by name if the class has as many names; these may be in another order."""
    seen = zip(row["points"][::2], row["points"][1::2], row["visibility"], strict=True)
    if len(names) != len(row["visibility"]):
        return list(seen)
    return sorted((name, *each) for name, each in zip(names, seen, strict=True) if each[2])


@given(projects(reach=500, most=4))
def test_every_exported_row_is_imported(states: list[ObjectState]) -> None:
    round_trip = returned(NAME, MEDIA, states, PLAIN)

    assert not round_trip.skipped
    assert rows(round_trip.before, exact=False) == rows(round_trip.after, exact=False)
    assert not rows(round_trip.before, exact=True) - rows(round_trip.after, exact=True)


def test_every_shape_survives_a_round_trip() -> None:
    shapes: list[Geometry] = [
        Box(x1=1, y1=2, x2=30, y2=40, rotation=15),
        Polygon(parts=[Part(outer=SQUARE)]),
        Ellipse(cx=20, cy=21, rx=5, ry=4, rotation=30),
        Bitmap(x=1, y=2, width=4, height=2, runs=[0, 8]),
        Points(points=[(1.0, 2.0), (3.0, 4.0), (5.0, 6.0)]),
        Skeleton(keypoints=[NOSE, TAIL]),
        ImageTag(),
    ]
    more: dict[str, Any] = {"attributes": {"n": 1.0, "lit": True}, "type": "car-1", "score": 0.25, "media_id": "i1"}
    states = [shape_object(f"o{at}", shape, z_order=at, **more) for at, shape in enumerate(shapes)]

    imported = returned(NAME, MEDIA, states, PLAIN).objects

    assert [entry.keyframes[0].geometry for entry in imported] == shapes
    assert {(entry.type, entry.keyframes[0].score) for entry in imported} == {("car-1", 0.25)}
    assert all(entry.attributes == {"n": 1.0, "lit": True} for entry in imported)
    assert [entry.z_order for entry in imported] == [0, 1, 2, 3, 4, 5, 0]


def test_multi_part_tracks_groups_and_spans_survive_a_round_trip() -> None:
    two = Polygon(parts=[Part(outer=SQUARE), Part(outer=[(x + 30, y) for x, y in SQUARE])])
    whole = [Keyframe(frame=2, geometry=ImageTag()), Keyframe(frame=9, geometry=ImageTag(), outside=True)]
    states = [
        labeled("o1", keyframe(0), keyframe(10, 20, 30, 40, 45), keyframe(12, outside=True), group="g"),
        labeled("o2", keyframe(3), group="g"),
        labeled("o3", Keyframe(frame=0, geometry=two), annotation_type="polygon"),
        labeled("o4", *whole, annotation_type="label"),
    ]

    result = {
        imported.kind + str(imported.keyframes[0].frame): imported
        for imported in returned(NAME, MEDIA, states, PLAIN).objects
    }
    each, other, parts, label = (result[key] for key in ("bbox0", "bbox3", "polygon0", "label2"))

    assert [(key.frame, key.outside) for key in each.keyframes] == [(0, False), (10, False), (11, False), (12, True)]
    assert each.group is not None
    assert each.group == other.group
    assert parts.keyframes[0].geometry == two
    assert parts.group is None
    assert [(key.frame, key.outside) for key in label.keyframes] == [(2, False), (8, False), (9, True)]


def document(*annotations: Any, **more: Any) -> bytes:
    item = {"id": "dir/c", "annotations": annotations, "attr": {"frame": 7}} | more
    labels = {"labels": [{"name": "car", "parent": ""}, {"name": "nose", "parent": "car"}, {"name": "tail"}]}
    return json.dumps({"info": {}, "categories": {"label": labels, "points": {"items": []}}, "items": [item]}).encode()


def row(kind: str = "bbox", **more: Any) -> dict[str, Any]:
    return {"id": 0, "type": kind, "label_id": 0, "attributes": {}, "group": 0, "bbox": [1, 2, 10, 20]} | more


def single(*annotations: Any, **more: Any) -> list[Any]:
    return read(NAME, opened(document(*annotations, **more), "x.json"), targets(MEDIA))


def test_archives_of_other_programs_are_imported() -> None:
    elements = [
        row("points", label_id=1, points=[9, 8], visibility=[2]),
        row("points", label_id=2, points=[20, 9], visibility=[1]),
        row("points", label_id=2, points=[0, 0], visibility=[0]),
    ]
    entries = single(row(object_id=-1), row("skeleton", elements=elements), row("caption"), row("caption"))

    box, skeleton, left_out = entries
    assert (box.media_id, box.keyframes[0].geometry) == ("i1", Box(x1=1, y1=2, x2=11, y2=22))
    assert skeleton.keyframes[0].geometry == Skeleton(keypoints=[NOSE, TAIL])
    assert left_out.reason.code == "annotation_type_unsupported"


@pytest.mark.parametrize(
    ("item", "frame"),
    [
        ({"id": "a/frame_000004", "attr": {"frame": 2}, "image": {"path": "a/frame_000004.PNG"}}, 4),
        ({"id": "a\\frame_000004", "attr": {}, "image": {"path": ""}}, 4),
        ({"id": "anything", "attr": {}, "video_frame": {"video_path": "a.mp4", "frame_index": 4}}, 4),
        ({"id": "a", "attr": {"frame": 4}}, 4),
    ],
)
def test_frames_of_videos_are_found(item: dict[str, Any], frame: int) -> None:
    (imported,) = single(row(), **item)

    assert imported.media_id == "m1"
    assert [key.frame for key in imported.keyframes] == [frame, frame + 1]


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (row(label_id=9), "no_such_class"),
        (row(label_id=-1), "no_such_class"),
        (row(label_id=None), "no_such_class"),
        (row(bbox=[1, 2]), "row_malformed"),
        (row(bbox=None), "row_malformed"),
        (row(attributes={"score": "high"}), "not_a_number"),
        (row("polygon", points=[1, 2, 3, 4]), "points_too_few"),
        (row("polyline", points=[1, 2, 3]), "points_not_pairs"),
        (row("mask", rle={"counts": "~", "size": [2, 2]}), "mask_encoding_invalid"),
        (row("mask", rle={"counts": "4", "size": [2, 2]}), "mask_empty"),
        (row("ellipse", points=[1, 2]), "row_malformed"),
        (row("skeleton"), "field_missing"),
        (row("skeleton", elements=[]), "points_not_visible"),
        (row(z_order=10**9), "less_than_equal"),
        ({}, "field_missing"),
        ("nothing", "row_malformed"),
    ],
)
def test_a_malformed_row_is_skipped_with_a_reason(broken: Any, code: str) -> None:
    entries = single(broken, row())

    (skipped,) = [entry for entry in entries if isinstance(entry, SkippedRow)]
    assert skipped.reason.code == code
    assert skipped.where.startswith("x.json, item dir/c, annotation 1")
    assert len(objects(entries)) == 1


@pytest.mark.parametrize("content", [b"{", b"[]", b"{}", b'{"items": 7}', b'{"items": [], "categories": 7}'])
def test_a_file_of_another_format_is_reported(content: bytes) -> None:
    (skipped,) = read(NAME, opened(packed({"annotations/x.json": content})), targets(MEDIA))

    assert isinstance(skipped, SkippedRow)
    assert skipped.reason.code == "not_this_format"


def test_malformed_items_and_images_without_a_match_are_reported_once() -> None:
    content = json.loads(document(row(), row(), id="gone"))
    content["items"] += [7, {"annotations": [row()]}]

    entries = read(NAME, opened(json.dumps(content).encode(), "x.json"), targets(MEDIA))

    skipped = [entry for entry in entries if isinstance(entry, SkippedRow)]
    assert [row.where for row in skipped] == ["x.json, item 2", "x.json, item 3", "x.json, item gone"]
    assert len(entries) == len(skipped)
    assert (skipped[2].reason.code, skipped[2].count) == ("no_such_file", 2)
