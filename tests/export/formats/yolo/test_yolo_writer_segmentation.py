"""Ultralytics YOLO Segmentation, also read back by supervision."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from common.contract.labels import Keyframe, ObjectState
from common.geometry.masks import bitmap_area, bitmap_iou, encode_bitmap, rasterize
from common.geometry.types import Bitmap, Circle, Geometry, Part, Polygon
from export.dataset.capabilities import Feature
from export.dataset.dataset import Dataset
from export.dataset.rows import CUT, NOTHING
from export.formats.yolo.format import SEGMENTATION
from export.formats.yolo.writer_segmentation import OVERLAP, TOO_FINE
from tests.export import strategies
from tests.export.jpegs import jpegs
from tests.export.made import archive, dataset, dropped, keyframe, labeled, medium, shape_object
from tests.export.ultralytics_reader import Read
from tests.export.validation import unpacked, validated

NAME = "Ultralytics YOLO Segmentation 1.0"
SIDE = 100
SQUARE = {"width": SIDE, "height": SIDE}
RING = Polygon(
    parts=[
        Part(
            outer=[(10, 10), (50, 10), (50, 50), (10, 50)],
            holes=[[(20, 20), (30, 20), (30, 30), (20, 30)], [(35, 35), (45, 35), (45, 45), (35, 45)]],
        ),
        Part(outer=[(60, 60), (90, 60), (90, 90), (60, 90)]),
    ]
)


def polygons(made: Dataset, image: str = "a.jpg") -> list[Polygon]:
    """The polygons of an image's rows."""
    rows = Read(archive(NAME, made)).images()[image]
    return [
        Polygon(
            parts=[
                Part(
                    outer=[(round(SIDE * x, 4), round(SIDE * y, 4)) for x, y in zip(row[1::2], row[2::2], strict=True)]
                )
            ]
        )
        for row in rows
    ]


def single_shape(shape: Geometry) -> Dataset:
    return dataset([medium("m1", "a.jpg", **SQUARE)], [shape_object("o1", shape)])


def test_a_polygon_is_its_points() -> None:
    made = single_shape(Polygon(parts=[Part(outer=[(10, 20), (30.125, 20), (30, 60)])]))

    assert archive(NAME, made)["labels/train/a.txt"] == b"0 0.100000 0.200000 0.301250 0.200000 0.300000 0.600000\n"
    assert dropped(made) == {}


def test_parts_and_holes_are_joined_and_enclose_the_same_pixels() -> None:
    made = single_shape(RING)

    (item,) = polygons(made)

    assert rasterize(item) == rasterize(RING)
    assert dropped(made) == {
        SEGMENTATION.capabilities.changed[Feature.HOLES]: 1,
        SEGMENTATION.capabilities.changed[Feature.PARTS]: 1,
    }


def test_overlapping_parts_become_the_contour_of_their_pixels() -> None:
    crossing = Polygon(
        parts=[
            Part(outer=[(10, 10), (50, 10), (50, 50), (10, 50)]),
            Part(outer=[(30, 30), (70, 30), (70, 70), (30, 70)]),
        ]
    )

    made = single_shape(crossing)
    (item,) = polygons(made)

    assert rasterize(item) == rasterize(crossing)
    assert dropped(made) == {SEGMENTATION.capabilities.changed[Feature.PARTS]: 1, OVERLAP: 1}


def test_a_bitmap_becomes_its_contour_on_every_frame() -> None:
    bitmap = Bitmap(x=20, y=30, width=5, height=3, runs=[0, 3, 2, 1, 1, 1, 1, 4, 2])
    result = labeled("o1", Keyframe(frame=0, geometry=bitmap), annotation_type="bitmap")

    made = dataset([medium("m1", "a.mp4", 3, **SQUARE)], [result])

    for frame in range(3):
        (row,) = polygons(made, f"a/frame_{frame:06d}.jpg")
        assert rasterize(row) == bitmap
    assert dropped(made)["bitmaps_as_polygons"] == 3  # one for each archive


def test_round_shapes_become_polygons() -> None:
    circle = Circle(cx=50, cy=50, r=20)

    (item,) = polygons(made := single_shape(circle))

    assert bitmap_iou(rasterize(item), rasterize(circle)) > 0.99
    assert dropped(made) == {SEGMENTATION.capabilities.changed["circle"]: 1}


def test_areas_are_clipped_to_the_image() -> None:
    (item,) = polygons(made := single_shape(Polygon(parts=[Part(outer=[(-50, 10), (50, 10), (50, 50), (-50, 50)])])))

    assert bitmap_area(rasterize(item)) == 2000
    assert dropped(made) == {CUT: 1}


def test_shapes_without_area_are_counted() -> None:
    shapes: list[Geometry] = [
        Polygon(parts=[Part(outer=[(200, 0), (210, 0), (210, 10)])]),
        Polygon(parts=[Part(outer=[(0, 0), (10, 10)])]),
        Bitmap(x=0, y=0, width=2, height=2, runs=[4]),
    ]

    made = dataset(
        [medium("m1", "a.jpg", **SQUARE)], [shape_object(f"o{number}", shape) for number, shape in enumerate(shapes)]
    )

    assert polygons(made) == []
    assert dropped(made)[NOTHING] == 3


def test_a_bitmap_of_too_many_corners_is_counted() -> None:
    side = 199
    checkered = Bitmap(x=0, y=0, width=side, height=side, runs=[1] * side**2)

    made = dataset([medium("m1", "a.jpg", width=side, height=side)], [shape_object("o1", checkered)])

    assert "labels/train/a.txt" not in archive(NAME, made)
    assert dropped(made)[TOO_FINE] == 1


def test_boxes_are_no_areas() -> None:
    made = dataset([medium("m1", "a.jpg")], [labeled("o1", keyframe(0))])

    assert "labels/train/a.txt" not in archive(NAME, made)
    assert dropped(made) == {"lost_bbox": 1}


@pytest.mark.validators
def test_supervision_sees_the_same_areas(tmp_path: Path) -> None:
    square = Polygon(parts=[Part(outer=[(10, 10), (50, 10), (50, 50), (10, 50)])])
    bitmap = Bitmap(x=60, y=60, width=20, height=20, runs=[0, 400])
    media = [medium("m1", "a.jpg", **SQUARE)]
    objects = [
        shape_object("o1", square),
        shape_object("o2", bitmap, category="Pedestrian"),
        shape_object("o3", RING, category="ring"),
    ]
    (tmp_path / "request.json").write_text(json.dumps({"folder": "train"}))

    result = validated(
        "ultralytics_supervision", unpacked(archive(NAME, dataset(media, objects, images=jpegs)), tmp_path)
    )

    seen = {each["class"]: each for each in result["images"]["a.jpg"]}
    first, second, ring = seen["Vehicle"], seen["Pedestrian"], seen["ring"]
    assert first["box"] == [10, 10, 50, 50]
    assert second["box"] == [60, 60, 80, 80]
    # supervision fills contours with all pixels that they touch.
    assert 1600 <= first["pixels"] <= 41 * 41
    assert 400 <= second["pixels"] <= 21 * 21
    assert bitmap_area(rasterize(RING)) <= ring["pixels"] <= bitmap_area(rasterize(RING)) + 400


@given(strategies.projects(reach=60, most=3))
def test_every_row_is_one_that_trainers_read(written: list[ObjectState]) -> None:
    media = [medium("m1", "a.mp4", 3, **SQUARE), medium("m2", "b.mp4", 3, **SQUARE), medium("i1", "c.jpg", **SQUARE)]

    read = Read(archive(NAME, dataset(media, written)))

    assert len(read.images()) == 7


whole = st.integers(0, SIDE).map(float)
rings = st.lists(st.tuples(whole, whole), min_size=3, max_size=6)
parts = st.builds(Part, outer=rings, holes=st.lists(rings, max_size=2))


@given(st.builds(Polygon, parts=st.lists(parts, min_size=1, max_size=3)))
def test_any_polygon_encloses_the_same_pixels_as_one_contour(shape: Polygon) -> None:
    result = polygons(single_shape(shape))

    assert [rasterize(polygon, (SIDE, SIDE)) for polygon in result if bitmap_area(rasterize(polygon))] == [
        pixels for pixels in [rasterize(shape, (SIDE, SIDE))] if bitmap_area(pixels)
    ]


@given(arrays(np.bool_, st.tuples(st.integers(1, 8), st.integers(1, 8))), st.integers(-4, SIDE), st.integers(-4, SIDE))
def test_any_bitmap_encloses_the_same_pixels_as_one_contour(mask: np.ndarray, x: int, y: int) -> None:
    bitmap = encode_bitmap(mask, x, y)

    made = single_shape(bitmap)
    result = polygons(made)

    inside = rasterize(bitmap, (SIDE, SIDE))
    assert [rasterize(polygon) for polygon in result] == ([inside] if bitmap_area(inside) else [])
    assert OVERLAP not in dropped(made)
