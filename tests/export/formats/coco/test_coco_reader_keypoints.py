"""COCO Keypoints: keypoints survive alone and with boxes and polygons; the two COCO formats are distinguished."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given

from common.contract.labels import Keyframe, ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import Box, Keypoint, Part, Polygon, Skeleton
from common.sandbox.worker import Undecodable
from export.formats.registry import READERS
from export.parsing.detect_format import detect_format
from tests.export.made import keyframe, labeled, medium, shape_object
from tests.export.parsing.made_archives import objects, opened, packed, read, targets
from tests.export.parsing.plain import PLAIN
from tests.export.parsing.returned import returned
from tests.export.strategies import FRAMES, projects

NAME = "COCO Keypoints 1.0"
MEDIA = [medium(each, name, FRAMES, width=64, height=48) for each, name in (("m1", "a.mp4"), ("m2", "b.mp4"))]
MEDIA += [medium("i1", "c.jpg", width=64, height=48)]
IMAGES = [{"id": 1, "file_name": "a\\frame_000002.PNG"}, {"id": 2, "file_name": "images/c.jpg"}]
PERSON = {"id": 1, "name": "person", "keypoints": ["nose", "tail"], "skeleton": [[1, 2]]}
NOSE, TAIL = Keypoint(name="nose", x=9, y=8), Keypoint(name="tail", x=20, y=9, visible=False)


def rows(files: dict[str, bytes], *, exact: bool) -> Counter[str]:
    """The annotations of every frame; `exact` compares only keyframes, with their shapes."""
    text = files["annotations/person_keypoints_default.json"]
    document = json.loads(text, parse_float=lambda number: float(number) + 0.0)
    images = {image["id"]: image["file_name"] for image in document["images"]}
    classes = {category["id"]: category for category in document["categories"]}
    result: Counter[str] = Counter()
    for row in document["annotations"]:
        attributes = {name: value for name, value in row["attributes"].items() if name not in ("track_id", "keyframe")}
        category = classes[row["category_id"]]
        what = [images[row["image_id"]], category["name"], row.get("score"), row["num_keypoints"]]
        if exact:
            points = zip(category["keypoints"], *(row["keypoints"][at::3] for at in range(3)), strict=True)
            what += [attributes, row["segmentation"], row["bbox"], sorted(point for point in points if point[3])]
        if not exact or row["attributes"].get("keyframe", True):
            result[json.dumps(what, sort_keys=True)] += 1
    return result


@given(projects(reach=500, most=4))
def test_every_exported_row_is_imported(states: list[ObjectState]) -> None:
    round_trip = returned(NAME, MEDIA, [unholed(state) for state in states], PLAIN)

    assert not round_trip.skipped
    assert rows(round_trip.before, exact=False) == rows(round_trip.after, exact=False)
    assert not rows(round_trip.before, exact=True) - rows(round_trip.after, exact=True)


def unholed(state: ObjectState) -> ObjectState:
    """Polygons without holes, because holes become masks, whose contours differ."""
    keyframes = []
    for key in state.keyframes:
        drawn_there = key.geometry
        if isinstance(drawn_there, Polygon):
            drawn_there = Polygon(parts=[Part(outer=part.outer) for part in drawn_there.parts])
        keyframes.append(key.model_copy(update={"geometry": drawn_there}))
    return state.model_copy(update={"keyframes": keyframes})


def test_keypoints_survive_alone_and_with_boxes_and_polygons() -> None:
    ring = [(1.0, 1.0), (40.0, 1.0), (40.0, 30.0)]
    turned = Keyframe(frame=0, geometry=Box(x1=9, y1=8, x2=20, y2=9, rotation=30), keypoints=[NOSE, TAIL], score=0.5)
    states = [
        shape_object(
            "o1", Skeleton(keypoints=[NOSE, TAIL]), media_id="i1", type="car-1", attributes={"n": 1.0, "lit": True}
        ),
        labeled("o2", turned, media_id="i1"),
        labeled("o3", Keyframe(frame=0, geometry=Polygon(parts=[Part(outer=ring)]), keypoints=[NOSE]), media_id="i1"),
    ]
    states[2] = states[2].model_copy(update={"annotation_type": "polygon"})

    by_kind = {imported.kind: imported for imported in returned(NAME, MEDIA, states).objects}
    each, two, three = (by_kind[kind] for kind in ("skeleton", "bbox", "polygon"))

    assert each.keyframes[0].geometry == Skeleton(keypoints=[NOSE, TAIL])
    assert (each.type, each.attributes) == ("Car", {"n": 1.0, "lit": True})
    assert two.keyframes[0].geometry == turned.geometry
    assert (two.keyframes[0].keypoints, two.keyframes[0].score) == ([NOSE, TAIL], 0.5)
    assert three.keyframes[0].geometry == Polygon(parts=[Part(outer=ring)])
    assert three.keyframes[0].keypoints == [NOSE]


def test_tracks_stay_tracks() -> None:
    shapes = [Skeleton(keypoints=[NOSE]), Skeleton(keypoints=[NOSE.model_copy(update={"x": 29.0})])]
    first, last = (Keyframe(frame=at, geometry=each) for at, each in zip((2, 12), shapes, strict=True))
    state = labeled("o1", first, last, keyframe(20, outside=True), annotation_type="skeleton")
    state = state.model_copy(update={"keyframes": [first, last, Keyframe(frame=20, geometry=shapes[1], outside=True)]})

    (imported,) = returned(NAME, MEDIA, [state]).objects

    assert [(key.frame, key.outside) for key in imported.keyframes] == [
        (2, False),
        (12, False),
        (19, False),
        (20, True),
    ]
    assert [key.geometry for key in imported.keyframes[:2]] == shapes


def row(**more: Any) -> dict[str, Any]:
    return {"id": 1, "image_id": 2, "category_id": 1, "bbox": [9, 8, 11, 1], "keypoints": [9, 8, 2, 20, 9, 1]} | more


def document(*annotations: Any, **more: Any) -> bytes:
    given: dict[str, Any] = {"images": IMAGES, "annotations": annotations, "categories": [PERSON]}
    return json.dumps(given | more).encode()


def single(*annotations: Any, **more: Any) -> list[Any]:
    return read(NAME, opened(document(*annotations, **more), "people.json"), targets(MEDIA))


def test_archives_of_other_programs_are_imported() -> None:
    mask = {"counts": [49, 2, 46, 2, 2973], "size": [48, 64]}

    alone, boxed, area, plain, moving = single(
        row(segmentation=[], num_keypoints=2),
        row(bbox=[1, 2, 40, 30], keypoints=[9, 8, 2, 0, 0, 0]),
        row(segmentation=mask, iscrowd=1),
        row(bbox=[1, 2, 40, 30], keypoints=[0] * 6),
        row(image_id=1, bbox=None, keypoints=[9, 8, 2, 1, 1, 2, 3, 3, 1]),
    )

    assert alone.keyframes[0].geometry == Skeleton(keypoints=[NOSE, TAIL])
    assert boxed.keyframes[0].geometry == Box(x1=1, y1=2, x2=41, y2=32)
    assert boxed.keyframes[0].keypoints == [NOSE]
    assert area.kind == "polygon"
    assert area.keyframes[0].keypoints == [NOSE, TAIL]
    assert plain.kind == "bbox"
    assert [(key.frame, key.outside) for key in moving.keyframes] == [(2, False), (3, True)]
    assert moving.keyframes[0].geometry.keypoints[2] == Keypoint(name="3", x=3, y=3, visible=False)


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (row(image_id=9), "no_such_image"),
        (row(category_id=9), "no_such_class"),
        (row(keypoints=[1, 2]), "keypoints_not_triples"),
        (row(keypoints=7), "keypoints_not_triples"),
        (row(keypoints=["x", 2, 2]), "not_a_number"),
        (row(keypoints=[0] * 6, bbox=[1]), "row_malformed"),
        (row(segmentation=[[1, 2, 3, 4]]), "points_too_few"),
        ("nothing", "row_malformed"),
    ],
)
def test_a_malformed_row_is_skipped_with_a_reason(broken: Any, code: str) -> None:
    entries = single(broken, row())

    (skipped,) = [entry for entry in entries if isinstance(entry, SkippedRow)]
    assert skipped.reason.code == code
    assert len(objects(entries)) == 1


def test_an_image_without_a_match_is_reported_once() -> None:
    entries = single(row(image_id=3), row(image_id=3), images=[{"id": 3, "file_name": "gone.jpg"}])

    assert [entry.reason.code for entry in entries] == ["no_such_file"]


def test_the_two_formats_of_coco_are_reported_apart() -> None:
    points, boxes = document(row()), document({**row(), "keypoints": 1.0}, categories=[{"id": 1, "name": "person"}])
    many = [{"id": number, "file_name": f"a_rather_long_name_of_a_picture_{number}.jpg"} for number in range(3000)]

    def parsed(content: bytes, name: str) -> str:
        single_file = detect_format(opened(content, name), None, READERS)[0]
        assert detect_format(opened(packed({f"annotations/{name}": content})), None, READERS)[0] == single_file
        return single_file

    assert parsed(points, "people.json") == NAME
    assert parsed(points, "instances_train.json") == NAME
    assert parsed(document(row(), images=many), "people.json") == NAME
    assert parsed(document(row(), images=many), "person_keypoints_val.json") == NAME
    assert parsed(boxes, "boxes.json") == "COCO 1.0"
    assert parsed(boxes, "instances_val.json") == "COCO 1.0"
    files = {"annotations/instances_a.json": boxes, "annotations/person_keypoints_a.json": points}
    with pytest.raises(Undecodable, match="or COCO Keypoints"):
        detect_format(opened(packed(files)), None, READERS)
