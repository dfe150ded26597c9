"""Parquet, read back by pyarrow."""

import io
import json
from dataclasses import replace
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given

from common.contract.labels import Behavior, Keyframe, ObjectState
from common.contract.media import Conditions
from common.geometry.types import Angles, Bitmap, Circle, ImageTag, Keypoint, Part, Polygon
from export.codecs import parquet as parquetfile
from export.dataset.dataset import Dataset
from export.formats.parquet.format import FORMAT
from tests.export.made import archive, dataset, dropped, every_frame, keyframe, labeled, medium, shape_object
from tests.export.strategies import FRAMES, projects


def read(made: Dataset, name: str = "shapes") -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = pq.read_table(io.BytesIO(archive("Parquet", made)[f"{name}.parquet"])).to_pylist()
    return result


def test_a_row_has_all_properties_of_a_shape() -> None:
    car = labeled(
        "o1",
        keyframe(1, 0, 0, 10, 10, 350, attributes={"truncated-1": "No"}, source="quick", score=0.25, occluded=True),
        keyframe(3, 3, 0, 13, 10, 10),
        type="car-1",
        attributes={"doors-1": 4.0},
        behaviors=[Behavior(id="b1", name="turn-1", attribute="Left", first=1, last=2)],
        source="model",
        model="yolox 1",
        run_id="run-1",
        group="g-1",
        z_order=2,
        done=True,
    )

    first, second, *_ = read(dataset([medium(frames=5)], [car]))

    assert first == {
        "project": "p",
        "media_id": "m1",
        "file": "a.mp4",
        "subset": "default",
        "object_id": "o1",
        "track": 0,
        "mission": "Object Detection",
        "category": "Vehicle",
        "type": "Car",
        "annotation_type": "bbox",
        "behaviors": '[{"type":"Turn","attribute":"Left","first":1,"last":2}]',
        "object_source": "model",
        "model": "yolox 1",
        "run_id": "run-1",
        "group": "g-1",
        "z_order": 2,
        "done": True,
        "is_default": False,
        "frame": 1,
        "time_s": 0.04,
        "image": "images/default/a/frame_000001.jpg",
        "is_key": True,
        "occluded": True,
        "source": "quick",
        "score": 0.25,
        "attributes": '{"Doors":4.0,"Truncated":"No"}',
        "x1": 0.0,
        "y1": 0.0,
        "x2": 10.0,
        "y2": 10.0,
        "rotation": 350.0,
        "geometry": None,
        "keypoints": None,
        "angles": None,
    }
    assert (second["frame"], second["x1"], second["rotation"] % 360, second["is_key"]) == (2, 1.5, 0, False)


def test_other_shapes_are_json_with_a_box_around_them() -> None:
    ring: list[Any] = [(1, 2), (11, 2), (11, 22)]
    beside = Keyframe(
        frame=0,
        geometry=Polygon(parts=[Part(outer=ring)]),
        keypoints=[Keypoint(name="nose “x”\n", x=1, y=2)],
        rpy=Angles(yaw=90),
    )
    objects = [
        labeled("o1", beside, annotation_type="polygon"),
        shape_object("o2", Circle(cx=50, cy=60, r=10)),
        shape_object("o3", Bitmap(x=1, y=2, width=2, height=1, runs=[0, 2])),
    ]

    rows = {row["object_id"]: row for row in read(dataset([medium("m1", "a.jpg")], objects))}

    assert json.loads(rows["o1"]["geometry"]) == {"parts": [{"outer": [[1, 2], [11, 2], [11, 22]], "holes": []}]}
    assert json.loads(rows["o1"]["keypoints"]) == [{"name": "nose “x”\n", "x": 1, "y": 2, "visible": True}]
    assert json.loads(rows["o1"]["angles"]) == {"roll": 0, "pitch": 0, "yaw": 90}
    assert [rows["o1"][name] for name in ("x1", "y1", "x2", "y2", "rotation")] == [1, 2, 11, 22, 0]
    assert [rows["o2"][name] for name in ("x1", "y1", "x2", "y2")] == [40, 50, 60, 70]
    assert json.loads(rows["o3"]["geometry"])["bitmap"]["runs"] == [0, 2]
    assert [rows["o3"][name] for name in ("x1", "y1", "x2", "y2")] == [1, 2, 3, 3]


def test_a_label_of_the_file_is_a_row_on_every_frame_on_which_it_holds() -> None:
    keyframes = [
        Keyframe(frame=1, geometry=ImageTag(), attributes={"truncated-1": "No"}),
        Keyframe(frame=3, geometry=ImageTag(), attributes={"truncated-1": "Yes"}),
        Keyframe(frame=4, geometry=ImageTag(), outside=True),
    ]
    label = labeled("o1", *keyframes, annotation_type="label", preferred_at=1.0)

    rows = read(dataset([medium(frames=9)], [label]))

    assert [(row["frame"], row["is_key"], row["is_default"]) for row in rows] == [
        (1, True, True),
        (2, False, True),
        (3, True, True),
    ]
    assert [json.loads(row["attributes"])["Truncated"] for row in rows] == ["No", "No", "Yes"]
    assert {row["x1"] for row in rows} == {None}


def test_media_without_labels_have_rows_and_images_are_stored_at_their_paths() -> None:
    sunny = Conditions(weather="Sunny", lighting="Day", fov="Unknown")
    media = [medium(frames=5, conditions=sunny), medium("m2", 'x "夜"/b.jpg')]
    made = dataset(media, [labeled("o1", keyframe(0))], images=every_frame)
    made.media = [replace(each, subset="val", picked=[0, 4] if each.kind == "video" else None) for each in made.media]

    files = archive("Parquet", made)
    shapes, result = (
        pq.read_table(io.BytesIO(files[name])).to_pylist() for name in ("shapes.parquet", "media.parquet")
    )

    assert [(row["frame"], row["image"]) for row in shapes] == [
        (0, "images/val/a/frame_000000.jpg"),
        (4, "images/val/a/frame_000004.jpg"),
    ]
    assert {row["image"] for row in shapes} <= set(files)
    assert [(row["file"], row["frames"], row["frames_taken"], row["weather"]) for row in result] == [
        ("a.mp4", 5, 2, "Sunny"),
        ('x "夜"/b.jpg', 1, 1, "Unknown"),
    ]
    assert result[1]["image"] in files
    assert dropped(made) == {}


def test_without_labels_the_table_has_no_rows() -> None:
    assert read(dataset([medium()])) == []
    assert len(read(dataset([medium()]), "media")) == 1


def test_long_tables_have_row_groups_and_equal_labels_give_equal_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquetfile, "_GROUP_ROWS", 10_000)
    objects = [labeled(f"o{number}", keyframe(0), keyframe(1000, 5, 5, 9, 9)) for number in range(20)]

    each, other = (archive("Parquet", dataset([medium(frames=2000)], objects))["shapes.parquet"] for _ in range(2))

    result = pq.ParquetFile(io.BytesIO(each))
    assert each == other
    assert result.metadata.num_rows == 40_000
    assert result.metadata.num_row_groups == 4


def test_it_says_that_keyframes_after_the_end_are_lost() -> None:
    made = dataset([medium(frames=2)], [labeled("o1", keyframe(0), keyframe(5))])

    read(made)

    assert list(dropped(made)) == list(FORMAT.losses)


@given(written=projects(most=6))
def test_every_shape_of_any_project_is_a_row(written: list[ObjectState]) -> None:
    media = [medium("m1", "a.mp4", FRAMES), medium("m2", "b.mp4", FRAMES), medium("i1", "c.jpg")]
    expected = 0
    for labels in dataset(media, written).limited_to(FORMAT.capabilities).labels():
        for frame in labels.frames():
            expected += len(frame.shapes) + len(frame.medium_labels)

    rows = read(dataset(media, written))

    assert len(rows) == expected
    assert all((row["geometry"] is None) == (row["annotation_type"] == "bbox") for row in rows)
