"""ezLabel JSON loses nothing: the imported project equals the exported one."""

import json
from typing import Any

from hypothesis import given

from common.contract.labels import Keyframe, ObjectState
from common.contract.missions import Mission
from common.geometry.tracks import Tracks, visible_boxes
from common.geometry.types import Box, ImageTag, Polygon
from export.dataset.dataset import Dataset
from tests.export.made import DETECTION, archive, dataset, dropped, every_frame, keyframe, labeled, medium, shape_object
from tests.export.strategies import FRAMES, objects, projects

SAME = (
    "source",
    "score",
    "run_id",
    "model",
    "group",
    "z_order",
    "done",
    "preferred_at",
    "revision",
    "author",
    "created_at",
)


def files(made: Dataset) -> dict[str, Any]:
    return {
        name: json.loads(content) for name, content in archive("ezLabel JSON", made).items() if name.endswith(".json")
    }


def parsed(document: dict[str, Any]) -> list[ObjectState]:
    """The objects and labels of a file, restored from its keyframes alone."""
    return [_object(each, document["media"]) for each in (*document["objects"], *document["labels"])]


def _object(fields: dict[str, Any], media: dict[str, Any]) -> ObjectState:
    ids = fields["ids"]
    return ObjectState(
        id=fields["uid"],
        project_id=media["project_id"],
        media_id=media["id"],
        annotation_type=fields["kind"],
        attributes=_by_id(fields["attributes"], ids),
        keyframes=[_keyframe(row, fields["kind"], ids) for row in fields["frames"] if row["key"]],
        behaviors=[
            {
                "id": behavior["id"],
                "name": ids.get("behaviors", {}).get(behavior["type"], behavior["type"]),
                "attribute": behavior["attribute"],
                "first": behavior["first"] - 1,
                "last": behavior["last"] - 1,
            }
            for behavior in fields["behaviors"]
        ],
        **{word: ids.get(word, fields[word]) for word in ("mission", "category", "type")},
        **{word: fields[word] for word in SAME},
    )


def _by_id(attributes: dict[str, Any], ids: dict[str, Any]) -> dict[str, Any]:
    return {ids.get("attributes", {}).get(name, name): value for name, value in attributes.items()}


def _keyframe(row: dict[str, Any], kind: str, ids: dict[str, Any]) -> Keyframe:
    return Keyframe(
        frame=row["frame"] - 1,
        geometry={"kind": kind, **_shape(row, kind)},
        outside=row.get("outside", False),
        occluded=row.get("occluded", False),
        source=row["source"],
        score=row.get("score"),
        attributes=_by_id(row.get("attributes", {}), ids),
        keypoints=row.get("keypoints", []),
        rpy=row.get("angles"),
    )


def _shape(row: dict[str, Any], kind: str) -> dict[str, Any]:
    match kind:
        case "bbox":
            corners = dict(zip(("x1", "y1", "x2", "y2"), row["bbox"], strict=True))
            return corners | {"rotation": row.get("rotation", 0)}
        case "polygon":
            return {"parts": row["parts"]}
        case "polyline" | "points" | "cuboid":
            return {"points": row[kind]}
        case "skeleton":
            return {"keypoints": row[kind]}
        case "rpy":
            place = row[kind]
            return {"x": place["x"], "y": place["y"], "angles": place}
    return dict(row.get(kind, {}))


@given(projects())
def test_an_exported_project_is_parsed_back_unchanged(written: list[ObjectState]) -> None:
    media = [medium("m1", "a.mp4", FRAMES), medium("m2", "b.mp4", FRAMES), medium("i1", "c.jpg")]
    made = dataset(media, written)

    documents = files(made).values()

    read = [entry for document in documents for entry in parsed(document)]
    assert sorted(read, key=lambda each: each.id) == sorted(written, key=lambda each: each.id)
    missions = [Mission.model_validate(mission) for document in documents for mission in document["missions"]]
    assert all(mission == DETECTION for mission in missions)
    assert bool(missions) == any(each.mission == DETECTION.id for each in written)
    assert dropped(made) == {}


@given(objects(kinds=["bbox", "polygon", "ellipse", "line"], reach=500))
def test_frames_and_spans_give_the_visibility_of_the_object(written: ObjectState) -> None:
    written = written.model_copy(update={"media_id": "m1"})
    (document,) = files(dataset([medium(frames=FRAMES)], [written])).values()

    (item,) = document["objects"]
    seen = [row for row in item["frames"] if not row.get("outside") and row["frame"] <= FRAMES]
    boxes = [key.model_copy(update={"geometry": Box(x1=0, y1=0, x2=1, y2=1)}) for key in written.keyframes]
    whole = visible_boxes(Tracks.of([boxes]), 0, FRAMES - 1)

    assert [row["frame"] - 1 for row in seen] == whole.frames.tolist()
    assert [frame for first, last in item["spans"] for frame in range(first, last + 1)] == [
        row["frame"] for row in seen
    ]
    assert [row["frame"] for row in item["frames"]] == sorted(row["frame"] for row in item["frames"])


def test_objects_are_named_as_people_do_and_ids_are_beside_the_names() -> None:
    result = labeled(
        "o1",
        keyframe(0),
        keyframe(5, attributes={"truncated-1": "Yes"}),
        type="car-1",
        attributes={"doors-1": 4.0, "mine": True},
        behaviors=[{"id": "b1", "name": "turn-1", "attribute": "Left", "first": 2, "last": 4}],
    )

    (document,) = files(dataset([medium()], [result])).values()

    (read,) = document["objects"]
    assert (document["mission"], read["mission"], read["category"], read["type"]) == (
        "Object Detection",
        "Object Detection",
        "Vehicle",
        "Car",
    )
    assert read["attributes"] == {"Doors": 4.0, "mine": True}
    assert read["frames"][5]["attributes"] == {"Truncated": "Yes"}
    assert read["behaviors"] == [{"id": "b1", "type": "Turn", "attribute": "Left", "first": 3, "last": 5}]
    assert read["ids"] == {
        "mission": "detection",
        "category": "vehicle-1",
        "type": "car-1",
        "attributes": {"Doors": "doors-1", "Truncated": "truncated-1"},
        "behaviors": {"Turn": "turn-1"},
    }


def test_labels_of_the_whole_file_have_their_default_and_spans() -> None:
    sunny = shape_object("l1", ImageTag(), category="sunny", preferred_at=5.0)
    rain = labeled(
        "l2",
        Keyframe(frame=4, geometry=ImageTag()),
        Keyframe(frame=8, geometry=ImageTag(), outside=True),
        annotation_type="label",
        category="rain",
    )

    (document,) = files(dataset([medium(frames=10)], [rain, sunny])).values()

    assert document["objects"] == []
    assert [(label["name"], label["default"], label["spans"]) for label in document["labels"]] == [
        ("sunny", True, [[1, 10]]),
        ("rain", False, [[5, 8]]),
    ]
    assert document["time_labels"] == [{"name": "rain", "frame": 5, "last": 8}]


def test_between_key_frames_shapes_are_computed_with_two_decimals() -> None:
    square = Polygon(parts=[{"outer": [(0, 0), (8, 0), (8, 8), (0, 8)]}])
    moved = Polygon(parts=[{"outer": [(1, 0), (9, 0), (9, 8), (1, 8)]}])
    result = labeled(
        "o1",
        Keyframe(frame=0, geometry=square),
        Keyframe(frame=3, geometry=moved),
        annotation_type="polygon",
    )

    (document,) = files(dataset([medium(frames=4)], [result])).values()

    rows = document["objects"][0]["frames"]
    assert [row["key"] for row in rows] == [True, False, False, True]
    assert rows[1]["parts"] == [{"outer": [[0.33, 0], [8.33, 0], [8.33, 8], [0.33, 8]], "holes": []}]


def test_a_file_describes_its_medium_and_frames_count_from_one() -> None:
    made = dataset(
        [medium(frames=3, sha256="0" * 64)], [labeled("o1", keyframe(0, 1, 2, 3, 4), keyframe(2, 2, 2, 4, 4))]
    )

    ((name, document),) = files(made).items()

    assert name == "Annotations/a.mp4_00001.json"
    assert (document["format"], document["version"], document["mission"]) == ("ezlabel-json", 1, DETECTION.name)
    assert document["missions"] == [DETECTION.model_dump(mode="json")]
    assert document["media"]["frames"] == 3
    assert document["media"]["weather"] == "Unknown"
    (item,) = document["objects"]
    assert item["id"] == 1
    assert item["spans"] == [[1, 3]]
    assert item["frames"][1] == {"frame": 2, "key": False, "source": "interpolated", "bbox": [1.5, 2, 3.5, 4]}


def test_every_medium_has_a_file_also_without_labels_or_with_the_same_name() -> None:
    made = dataset([medium("m1"), medium("m2"), medium("m3", "x/ü.jpg")], [labeled("o1", media_id="m2")])

    result = files(made)

    assert set(result) == {
        "Annotations/a.mp4_00001.json",
        "Annotations/a (2).mp4_00001.json",
        "Annotations/x/ü.jpg_00001.json",
    }
    assert [len(document["objects"]) for document in result.values()] == [1, 0, 0]


def test_images_are_stored_at_the_path_in_the_file() -> None:
    made = dataset([medium("m1", "a.mp4", 2), medium("m2", "b.jpg")], images=every_frame)

    packed = archive("ezLabel JSON", made)

    assert packed["images/a/frame_000001.jpg"] == b"m1 1"
    assert packed["images/b.jpg"] == b"m2 0"
    paths = {json.loads(content)["media"]["images"] for name, content in packed.items() if name.endswith(".json")}
    assert paths == {"images/a", "images/b.jpg"}
