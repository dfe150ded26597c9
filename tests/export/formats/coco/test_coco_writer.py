"""COCO 1.0, validated by pycocotools and Datumaro."""

import json
from pathlib import Path
from typing import Any

import pytest
from pycocotools.coco import COCO

from common.contract.media import Conditions
from common.contract.missions import Category, Mission
from common.geometry.masks import bitmap_pixels, rasterize
from common.geometry.rasterize import Window
from common.geometry.types import Bitmap, Circle, Ellipse, ImageTag, Part, Polygon, Polyline
from export.dataset.capabilities import Feature
from export.dataset.dataset import Dataset
from export.dataset.rows import NOTHING
from export.dataset.selection import Selection
from export.formats.coco import format as coco_format
from tests.export.formats.examples import HOLE, RING
from tests.export.made import DETECTION, archive, dataset, dropped, every_frame, keyframe, labeled, medium, shape_object
from tests.export.validation import unpacked, validated

INSTANCES = "annotations/instances_default.json"


def instances(made: Dataset) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(archive("COCO 1.0", made)[INSTANCES])
    return result


def read_by_pycocotools(made: Dataset, folder: Path) -> COCO:
    path = folder / "instances.json"
    path.write_bytes(archive("COCO 1.0", made)[INSTANCES])
    return COCO(str(path))


def test_pycocotools_reads_every_frame_and_every_visible_box(tmp_path: Path) -> None:
    media = [medium("m1", "a.mp4", 10), medium("m2", "b.jpg"), medium("m3", "empty.mp4", 3)]
    car = labeled("o1", keyframe(2, 0, 0, 10, 10), keyframe(6, 8, 4, 18, 24), keyframe(8, outside=True))
    walker = labeled("o2", keyframe(0, 1, 2, 4, 8), media_id="m2", category="Pedestrian")

    read = read_by_pycocotools(dataset(media, [car, walker]), tmp_path)

    assert len(read.imgs) == 14
    assert [image["file_name"] for image in read.loadImgs([1, 10, 11, 12])] == [
        "a/frame_000000.jpg",
        "a/frame_000009.jpg",
        "b.jpg",
        "empty/frame_000000.jpg",
    ]
    assert {category["id"]: category["name"] for category in read.dataset["categories"]} == {
        1: "Vehicle",
        2: "Pedestrian",
    }
    assert sorted(read.anns) == list(range(1, 8))
    (halfway,) = read.loadAnns(read.getAnnIds(imgIds=[5]))
    assert halfway["bbox"] == [4, 2, 10, 15]
    assert halfway["area"] == 150
    assert halfway["attributes"] == {"occluded": False, "rotation": 0.0, "track_id": 0, "keyframe": False}
    (only,) = read.loadAnns(read.getAnnIds(catIds=[2]))
    assert only["attributes"] == {"occluded": False, "rotation": 0.0}
    assert read.imgs[only["image_id"]]["file_name"] == "b.jpg"


@pytest.mark.validators
def test_datumaro_reads_the_same_as_pycocotools(tmp_path: Path) -> None:
    media = [medium("m1", "a.mp4", 3), medium("m2", "b c.jpg")]
    car = labeled("o1", keyframe(0, 0, 0, 10, 10), keyframe(2, 8, 4, 18, 24, occluded=True))
    triangle = shape_object("o2", Polygon(parts=[Part(outer=[(10, 10), (30, 10), (10, 30)])]), category="Pedestrian")
    lake = shape_object("o3", Bitmap(x=5, y=7, width=3, height=2, runs=[1, 4, 1]), media_id="m2")

    read = validated("coco", unpacked(archive("COCO 1.0", dataset(media, [car, triangle, lake])), tmp_path))

    result, items = read["pycocotools"], read["datumaro"]["items"]
    assert read["datumaro"]["labels"] == list(result["classes"].values()) == ["Vehicle", "Pedestrian"]
    assert set(items) == {name.removesuffix(".jpg") for name in result["images"].values()}
    # Datumaro adds the bounding box of a polygon.
    assert sorted([label, kind] for label, kind, _ in items["a/frame_000002"]) == [
        ["Pedestrian", "bbox"],
        ["Pedestrian", "polygon"],
        ["Vehicle", "bbox"],
    ]
    (attributes,) = [attributes for label, _, attributes in items["a/frame_000002"] if label == "Vehicle"]
    assert attributes == {"occluded": True, "rotation": 0.0, "track_id": 1, "keyframe": True, "is_crowd": False}
    assert "mask" in [kind for _, kind, _ in items["b c"]]
    drawn_on = {
        (annotation["image_id"], annotation["category_id"]): annotation["pixels"]
        for annotation in result["annotations"]
    }
    assert drawn_on == {(1, 1): None, (1, 2): 190, (2, 1): None, (2, 2): 190, (3, 1): None, (3, 2): 190, (4, 1): 4}


def test_numbers_have_two_decimals_and_rotation_score_and_attributes_are_written() -> None:
    turned = keyframe(0, 0.12345, 1, 10.126, 5, 30.55, score=0.5, occluded=True)
    result = labeled("o1", turned, type="car-1", attributes={"truncated-1": "No", "rotation": "mine"}, score=0.9)

    made = dataset([medium(frames=2)], [result])
    first, second = instances(made)["annotations"]

    assert first["bbox"] == [0.12, 1, 10.01, 4]
    assert first["score"] == second["score"] == 0.5
    assert first["attributes"] == {
        "Truncated": "No",
        "type": "Car",
        "occluded": True,
        "rotation": 30.55,
        "track_id": 0,
        "keyframe": True,
    }
    assert second["attributes"]["keyframe"] is False
    assert dropped(made) == {Feature.RESERVED.loss: 1}


def test_only_the_selection_is_there_and_classes_count_from_one() -> None:
    objects = [labeled("o1"), labeled("o2", category="Pedestrian"), labeled("o3", category="dog")]

    result = instances(dataset([medium(frames=1)], objects, selection=Selection.of(["Pedestrian", "dog"], None)))

    assert [(category["id"], category["name"]) for category in result["categories"]] == [(1, "Pedestrian"), (2, "dog")]
    assert [annotation["category_id"] for annotation in result["annotations"]] == [1, 2]


def test_unsupported_content_is_counted() -> None:
    behavior = Mission(id="b", name="Behavior", categories=[Category(name="Vehicle", color="#0000ff")])
    sunny = medium(frames=1, conditions=Conditions(weather="Sunny", lighting="Day", fov="Unknown"))
    objects = [
        labeled("o1", done=True, source="model"),
        labeled("o2", mission="b", category="Vehicle"),
        labeled("o3", keyframe(0), keyframe(5)),
    ]

    made = dataset([sunny], objects, [DETECTION, behavior])
    instances(made)

    assert dropped(made) == {
        Feature.CONDITIONS.loss: 1,
        Feature.DONE.loss: 1,
        Feature.SOURCES.loss: 1,
        Feature.MISSIONS.loss: 1,
        Feature.AFTER_END.loss: 1,
    }
    assert set(dropped(made)) <= set(coco_format.COCO.losses)


def test_kinds_without_area_are_counted_and_others_are_exported() -> None:
    objects = [
        shape_object("o1", Polyline(points=[(0, 0), (5, 5)]), done=True),
        shape_object("o2", Polyline(points=[(0, 0), (5, 5)])),
        shape_object("o3", ImageTag()),
        labeled("o4"),
    ]

    made = dataset([medium(frames=1)], objects)

    assert [annotation["bbox"] for annotation in instances(made)["annotations"]] == [[10, 20, 20, 40]]
    assert dropped(made) == {"lost_polyline": 2, "lost_label": 1}
    assert set(dropped(made)) <= set(coco_format.COCO.losses)


@pytest.mark.parametrize(
    ("shape", "box", "area", "changed"),
    [
        (Polygon(parts=[Part(outer=RING)]), [10, 10, 50, 40], 2000, None),
        (
            Polygon(parts=[Part(outer=RING), Part(outer=[(x + 100, y) for x, y in RING])]),
            [10, 10, 150, 40],
            4000,
            None,
        ),
        (Polygon(parts=[Part(outer=RING, holes=[HOLE])]), [10, 10, 50, 40], 1600, Feature.HOLES),
        (Bitmap(x=630, y=470, width=20, height=20, runs=[0, 400]), [630, 470, 10, 10], 100, None),
        (Bitmap(x=0, y=0, width=3, height=480, runs=[1, 1439]), [0, 0, 3, 480], 1439, None),
        (Circle(cx=100, cy=100, r=50), [50, 50, 100, 100], 7854, "circle"),
        (Ellipse(cx=100, cy=100, rx=60, ry=20, rotation=90), [80, 40, 40, 120], 3770, "ellipse"),
    ],
)
def test_pycocotools_draws_areas_where_they_are(
    shape: Any, box: list[float], area: float, changed: str | None, tmp_path: Path
) -> None:
    made = dataset([medium("m1", "a.jpg")], [shape_object("o1", shape)])

    read = read_by_pycocotools(made, tmp_path)

    (item,) = read.dataset["annotations"]
    assert item["bbox"] == pytest.approx(box, abs=0.1)
    assert item["area"] == pytest.approx(area, rel=0.003)
    assert item["iscrowd"] == 0
    assert item["attributes"] == {"occluded": False}
    mask = read.annToMask(item)
    assert mask.shape == (480, 640)
    assert int(mask.sum()) == pytest.approx(area, rel=0.02)
    expected = mask_of_picture(shape)
    assert (mask.astype(bool) ^ expected).sum() <= 0.02 * expected.sum()
    assert dropped(made) == ({coco_format.COCO.capabilities.changed[changed]: 1} if changed else {})


def mask_of_picture(shape: Any) -> Any:
    return bitmap_pixels(rasterize(shape, (640, 480)), Window(0, 0, 640, 480))


def test_shapes_without_area_in_the_image_are_counted() -> None:
    objects = [
        shape_object("o1", Bitmap(x=700, y=0, width=2, height=2, runs=[0, 4])),
        shape_object("o2", Bitmap(x=0, y=0, width=0, height=0, runs=[])),
        shape_object("o3", Polygon(parts=[Part(outer=[(0, 0), (5, 5)])])),
    ]

    made = dataset([medium(frames=1)], objects)

    assert instances(made)["annotations"] == []
    assert dropped(made) == {NOTHING: 3}
    assert NOTHING in coco_format.COCO.losses


def test_attributes_change_with_keyframes_and_objects_are_sorted_back_to_front() -> None:
    near = labeled("a", keyframe(0, attributes={"truncated-1": "No"}), keyframe(2, attributes={"truncated-1": "Yes"}))
    far = labeled("b", keyframe(0, 50, 50, 60, 60), z_order=-1)

    result = instances(dataset([medium(frames=3)], [near, far]))["annotations"]

    assert [row["attributes"].get("Truncated") for row in result] == [None, "No", None, "No", None, "Yes"]


def test_images_are_stored_at_their_file_names(tmp_path: Path) -> None:
    media = [medium("m1", "dir/../a.mp4", 2), medium("m2", "A.jpg"), medium("m3", "a.jpg"), medium("m4", "raw")]

    made = dataset(media, images=every_frame)
    files = archive("COCO 1.0", made)
    named = {f"images/default/{image['file_name']}" for image in json.loads(files[INSTANCES])["images"]}

    assert named == set(files) - {INSTANCES}
    assert files["images/default/dir/a/frame_000001.jpg"] == b"m1 1"
    assert {"images/default/A.jpg", "images/default/a (2).jpg", "images/default/raw.jpg"} <= named
    assert made.progress.share == 1


def test_archives_do_not_depend_on_the_order_of_ids() -> None:
    near, far = keyframe(0, 0, 0, 5, 5), keyframe(3, 50, 50, 55, 55)

    each = instances(dataset([medium()], [labeled("a", near), labeled("b", far)]))
    other = instances(dataset([medium()], [labeled("y", far), labeled("z", near)]))

    assert each == other


def test_an_unreadable_object_does_not_prevent_the_export_of_others() -> None:
    first, second = (labeled(name, keyframe(0)).model_dump_json().encode() for name in ("o1", "o2"))
    made = dataset([medium(frames=1)], snapshot=[first.replace(b'"x1":10.0', b'"x1":null'), second])

    assert len(instances(made)["annotations"]) == 1
    assert dropped(made) == {"lost_unreadable": 1}


def test_a_snapshot_that_is_not_ordered_by_medium_is_an_error() -> None:
    objects = [labeled("a"), labeled("b", media_id="m2"), labeled("c")]
    lines = [imported.model_dump_json().encode() for imported in objects]
    made = dataset([medium("m1"), medium("m2", "b.mp4")], snapshot=lines)

    with pytest.raises(ValueError, match="not ordered"):
        instances(made)
