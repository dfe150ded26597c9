"""ezLabel CSV, read back by the csv module."""

import csv
import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from common.contract.labels import Behavior, Keyframe, ObjectState
from common.contract.missions import Category, Mission
from common.geometry import types
from common.geometry.masks import bitmap_pixels, rasterize
from common.geometry.rasterize import Window
from export.dataset.behaviors import UNSEEN
from export.dataset.dataset import Dataset
from export.dataset.rows import NOTHING
from export.formats.ezlabel import format as ezlabel_format
from export.formats.ezlabel.format import CSV
from export.formats.ezlabel.writer_csv import HEAD
from tests.export.formats.examples import RING
from tests.export.made import DETECTION, archive, dataset, dropped, every_frame, keyframe, labeled, medium, shape_object
from tests.export.strategies import bitmaps

HOLE: list[Any] = [(20, 20), (40, 20), (40, 40)]
TWO_PARTS = (
    "10.00 10.00;60.00 10.00;60.00 50.00;10.00 50.00|!20.00 20.00;40.00 20.00;40.00 40.00|0.00 0.00;5.00 0.00;5.00 5.00"
)


def rows(made: Dataset) -> list[dict[str, str]]:
    text = archive("ezLabel CSV", made)["annotations.csv"].decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_every_object_on_every_frame_is_a_row() -> None:
    car = labeled(
        "o1",
        keyframe(0, 0, 0, 10, 10, attributes={"truncated-1": "No"}),
        keyframe(2, 8, 4.004, 18, 24, score=0.5, occluded=True),
        type="car-1",
        attributes={"doors-1": 4.0},
        behaviors=[Behavior(id="b", name="turn-1", attribute="Left", first=1, last=2)],
    )

    files = archive("ezLabel CSV", dataset([medium("m1", "a.mp4", 3)], [car]))

    common = "Object Detection,Vehicle,Car,Doors=4;Truncated=No"
    assert files["annotations.csv"].decode().split("\r\n") == [
        HEAD,
        f"a.mp4,1,0.000,1,{common},BoundingBox,0.00,0.00,10.00,10.00,,1,manual,,,,,",
        f"a.mp4,2,0.040,1,{common},BoundingBox,4.00,2.00,14.00,17.00,,0,interpolated,,Turn,Left,2,3",
        f"a.mp4,3,0.080,1,{common};occluded=true,BoundingBox,8.00,4.00,18.00,24.00,,1,manual,0.5,Turn,Left,2,3",
        "",
    ]


@pytest.mark.parametrize(
    ("shape", "kind", "points", "box"),
    [
        (
            types.Polygon(parts=[types.Part(outer=RING, holes=[HOLE]), types.Part(outer=[(0, 0), (5, 0), (5, 5)])]),
            "PixelBased",
            TWO_PARTS,
            "0.00,0.00,60.00,50.00",
        ),
        (types.Polyline(points=[(-1, 2), (3, 4)]), "Polyline", "\t-1.00 2.00;3.00 4.00", "-1.00,2.00,3.00,4.00"),
        (types.Points(points=[(1, 2)]), "Points", "1.00 2.00", "1.00,2.00,1.00,2.00"),
        (
            types.Skeleton(keypoints=[types.Keypoint(name="nose", x=1, y=2), types.Keypoint(name="tail", x=3, y=4)]),
            "Skeleton",
            "1.00 2.00;3.00 4.00",
            "1.00,2.00,3.00,4.00",
        ),
        (types.Circle(cx=5, cy=6, r=2), "Circle", "5.00 6.00;7.00 6.00", "3.00,4.00,7.00,8.00"),
        (
            types.Ellipse(cx=5, cy=6, rx=2, ry=1, rotation=90),
            "Ellipse",
            "5.00 6.00;5.00 8.00;4.00 6.00",
            "4.00,4.00,6.00,8.00",
        ),
        (types.Line(x1=1, y1=2, x2=3, y2=4), "Line", "1.00 2.00;3.00 4.00", "1.00,2.00,3.00,4.00"),
        (types.Cuboid(points=[(1, 2)] * 8), "Cuboid", ";".join(["1.00 2.00"] * 8), "1.00,2.00,1.00,2.00"),
        (
            types.Bitmap(x=3, y=4, width=2, height=1, runs=[0, 2]),
            "PixelBased",
            "3.00 4.00;5.00 4.00;5.00 5.00;3.00 5.00",
            "3.00,4.00,5.00,5.00",
        ),
    ],
)
def test_shapes_are_points_and_the_box_around_them(shape: Any, kind: str, points: str, box: str) -> None:
    made = dataset([medium("m1", "x.jpg")], [shape_object("o", shape)])

    (row,) = rows(made)

    assert (row["annotation_type"], row["points"]) == (kind, points)
    assert ",".join(row[edge] for edge in ("xmin", "ymin", "xmax", "ymax")) == box
    assert list(dropped(made)) == [words for kind, words in CSV.capabilities.changed.items() if kind == shape.kind]


def test_a_box_that_is_rotated_has_its_corners_beside_it() -> None:
    (row,) = rows(dataset([medium("m1", "x.jpg")], [labeled("o", keyframe(0, 0, 0, 10, 20, 90))]))

    assert (row["xmin"], row["ymax"], row["points"]) == (
        "0.00",
        "20.00",
        "15.00 5.00;15.00 15.00;-5.00 15.00;-5.00 5.00",
    )


@given(bitmaps(far=20))
def test_a_bitmap_is_restored_from_its_contour(bitmap: types.Bitmap) -> None:
    made = dataset([medium("m1", "x.jpg")], [shape_object("o", bitmap)])

    result = rows(made)

    window = Window(-10, -10, 60, 60)
    parts: list[types.Part] = []
    for ring in result[0]["points"].strip("\t").split("|") if result else []:
        points: list[Any] = [tuple(map(float, point.split())) for point in ring.removeprefix("!").split(";")]
        parts = (
            [*parts[:-1], types.Part(outer=parts[-1].outer, holes=[*parts[-1].holes, points])]
            if ring[0] == "!"
            else [*parts, types.Part(outer=points)]
        )
    again = bitmap_pixels(rasterize(types.Polygon(parts=parts)), window) if parts else np.zeros(window.shape, np.bool_)
    assert np.array_equal(again, bitmap_pixels(bitmap, window))
    assert dropped(made).get(NOTHING, 0) == (not result)


def test_labels_of_a_whole_file_have_a_row_on_each_frame_to_which_they_apply() -> None:
    keyframes = [
        Keyframe(frame=1, geometry=types.ImageTag()),
        Keyframe(frame=3, geometry=types.ImageTag(), outside=True),
    ]
    rain = labeled("t1", *keyframes, annotation_type="label", category="Pedestrian", score=0.25)

    result = rows(dataset([medium("m1", "a.mp4", 5)], [rain, labeled("o1", keyframe(4))]))

    reported = [(row["frame"], row["object_id"], row["annotation_type"], row["is_key"], row["score"]) for row in result]
    assert reported == [
        ("2", "2", "Label", "1", "0.25"),
        ("3", "2", "Label", "0", "0.25"),
        ("5", "1", "BoundingBox", "1", ""),
    ]


HOSTILE = ["=1+1", "+1", "-1", "@x", "\tx", 'a "quoted", one', "two\nlines", "夜 🌙", "k=v;w\\"]


def test_hostile_texts_survive_and_no_cell_is_a_formula() -> None:
    mission = Mission(id="h", name="=H", categories=[Category(name=name, color="#000000") for name in HOSTILE])
    result = [labeled(f"o{at}", mission="h", category=name, attributes={name: name}) for at, name in enumerate(HOSTILE)]
    made = dataset([medium("m1", "=x.jpg")], result, [mission])

    read = rows(made)

    assert not [cell for row in read for key, cell in row.items() if cell.startswith(("=", "+", "-", "@"))]
    assert sorted(row["category"].removeprefix("\t") for row in read) == sorted(HOSTILE)
    assert {row["file"] for row in read} == {"\t=x.jpg"}
    attributes = {row["category"].removeprefix("\t"): row["attributes"] for row in read}
    assert attributes["k=v;w\\"] == "k\\=v\\;w\\\\=k\\=v\\;w\\\\"
    assert dropped(made) == {}


def test_unsupported_content_is_reported_as_lost() -> None:
    late = Behavior(id="b", name="turn-1", first=5, last=6)
    objects: list[ObjectState] = [
        labeled("o1", keyframe(0), keyframe(2, outside=True), behaviors=[late]),
        shape_object("o2", types.Rpy(x=1, y=1, angles={"roll": 1})),
        shape_object("o3", types.Bitmap(x=0, y=0, width=0, height=0, runs=[])),
    ]

    made = dataset([medium("m1", "a.mp4", 8)], objects)
    rows(made)

    assert dropped(made) == {
        UNSEEN: 1,
        NOTHING: 8,
        "lost_rpy": 1,
        CSV.capabilities.changed["bitmap"]: 1,
    }
    assert set(dropped(made)) <= set(ezlabel_format.CSV.losses)


def test_without_labels_the_table_has_a_header_and_images_are_stored() -> None:
    files = archive("ezLabel CSV", dataset([medium("m1", "a.mp4", 1)], missions=[DETECTION], images=every_frame))

    assert files == {"annotations.csv": f"{HEAD}\r\n".encode(), "images/a/frame_000000.jpg": b"m1 0"}
