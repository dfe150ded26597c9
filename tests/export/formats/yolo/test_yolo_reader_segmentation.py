"""Ultralytics YOLO Segmentation: areas survive export and import, including their parts and holes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.contract.labels import ObjectState
from common.contract.questions import SkippedRow
from common.geometry.masks import Bools, bitmap_area, decode_bitmap, rasterize
from common.geometry.types import Bitmap, Box, Geometry, Part, Polygon
from export.formats.registry import READERS
from export.formats.yolo.bridges import bridge_parts
from export.formats.yolo.reader_bridges import split_bridges, split_rings
from export.parsing.detect_format import detect_format
from tests.export.formats.yolo.yolo_rows import rows
from tests.export.made import medium, shape_object
from tests.export.parsing.made_archives import objects, opened, packed, read, targets
from tests.export.parsing.returned import returned
from tests.export.strategies import FRAMES, projects

NAME = "Ultralytics YOLO Segmentation 1.0"
SIDE = 100
SMALL = {"width": 64, "height": 48}
MEDIA = [medium("m1", "a.mp4", FRAMES, **SMALL), medium("m2", "b.mp4", FRAMES, **SMALL), medium("i1", "c.jpg", **SMALL)]
YAML = b"names: [car]\n"
TRIANGLE = "0 0.25 0.25 0.5 0.25 0.5 0.5"


def square(left: float, top: float, side: float) -> list[tuple[float, float]]:
    return [(left, top), (left + side, top), (left + side, top + side), (left, top + side)]


RING = Polygon(
    parts=[
        Part(outer=square(5, 5, 20), holes=[square(8, 8, 4), square(16.25, 16, 5)]),
        Part(outer=square(30, 25, 12.5)),
        Part(outer=square(9, 9, 2)),
    ]
)


@given(projects(reach=100, most=4))
def test_an_imported_archive_is_exported_with_the_same_rows(states: list[ObjectState]) -> None:
    round_trip = returned(NAME, MEDIA, states)

    assert not round_trip.skipped
    assert pixels(round_trip.before) == pixels(round_trip.after)


def pixels(files: dict[str, bytes]) -> list[tuple[str, str, str]]:
    """The pixels of each row; coordinates are rounded away from pixel centers."""
    result = []
    for path, name, values in rows(files):
        points = [
            (round(64 * x, 3) + 1e-5, round(48 * y, 3) + 1e-5) for x, y in zip(values[::2], values[1::2], strict=True)
        ]
        inside = rasterize(Polygon(parts=[Part(outer=points)]), (64, 48))
        if bitmap_area(inside):
            result.append((path, name, inside.model_dump_json()))
    return sorted(result)


@pytest.mark.parametrize(
    "shape",
    [
        Polygon(parts=[Part(outer=[(10, 20), (30.12, 20), (30, 40.5), (12.01, 47)])]),
        RING,
        Polygon(parts=[RING.parts[1], RING.parts[0]]),
    ],
)
def test_polygons_keep_their_parts_and_holes(shape: Polygon) -> None:
    (imported,) = returned(NAME, MEDIA, [shape_object("o1", shape, media_id="i1")]).objects

    round_trip = imported.keyframes[0].geometry
    assert isinstance(round_trip, Polygon)
    assert rings(round_trip) == rings(shape)
    assert rasterize(round_trip) == rasterize(shape)


def rings(shape: Polygon) -> set[tuple[frozenset[tuple[float, float]], frozenset[frozenset[tuple[float, float]]]]]:
    return {(frozenset(part.outer), frozenset(map(frozenset, part.holes))) for part in shape.parts}


def test_bitmaps_are_imported_as_polygons_of_the_same_pixels() -> None:
    bitmap = Bitmap(x=3, y=4, width=5, height=5, runs=[0, 6, 3, 2, 3, 2, 3, 6])

    (imported,) = returned(NAME, MEDIA, [shape_object("o1", bitmap, media_id="i1")]).objects

    round_trip = imported.keyframes[0].geometry
    assert isinstance(round_trip, Polygon)
    assert len(round_trip.parts[0].holes) == 1
    assert rasterize(round_trip) == bitmap


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(1, 40)), min_size=1, max_size=5))
def test_bridged_contours_are_split_or_keep_their_area(squares: list[tuple[int, int, int]]) -> None:
    ring = [(x, y) for x, y in bridge_parts([square(*each) for each in squares]).tolist()]

    round_trip = split_bridges(ring, (SIDE, SIDE))

    assert rasterize(round_trip, (SIDE, SIDE)) == rasterize(Polygon(parts=[Part(outer=ring)]), (SIDE, SIDE))


whole = st.tuples(st.integers(0, 9).map(float), st.integers(0, 9).map(float))


@given(st.lists(whole, min_size=3, max_size=40))
def test_split_rings_enclose_the_same_area(ring: list[tuple[float, float]]) -> None:
    result = np.zeros((10, 10), np.bool_)
    for each in split_rings(ring):
        result ^= mask(each)

    assert (result == mask(ring)).all()


def mask(ring: list[tuple[float, float]]) -> Bools:
    inside = rasterize(Polygon(parts=[Part(outer=ring)]), (10, 10))
    result = np.zeros((10, 10), np.bool_)
    result[inside.y : inside.y + inside.height, inside.x : inside.x + inside.width] = decode_bitmap(inside)
    return result


def test_a_spike_is_no_joining_line() -> None:
    ring = [(1.0, 1.0), (9.0, 1.0), (9.0, 9.0), (9.0, 1.0)]

    assert split_bridges(ring, (SIDE, SIDE)) == Polygon(parts=[Part(outer=ring)])


def single(*lines: str) -> list[object]:
    files = {"data.yaml": YAML, "labels/train/c.txt": "\n".join(lines).encode()}
    return list(read(NAME, opened(packed(files)), targets(MEDIA)))


def test_archives_of_other_programs_are_detected_and_imported() -> None:
    labels = f"{TRIANGLE}\n{TRIANGLE} 0.5 0.75\n{TRIANGLE} 0.75\n0 0.5 0.5 0.5 0.5\n".encode()
    bundle = opened(packed({"data.yaml": YAML, "train/labels/c.txt": labels}))

    assert detect_format(bundle, None, READERS)[0] == NAME
    imported = objects(read(NAME, bundle, targets(MEDIA)))
    shapes: list[Geometry] = [entry.keyframes[0].geometry for entry in imported]
    triangle = [(16.0, 12.0), (32.0, 12.0), (32.0, 24.0)]
    assert shapes == [
        Polygon(parts=[Part(outer=triangle)]),
        Polygon(parts=[Part(outer=[*triangle, (32.0, 36.0)])]),
        Polygon(parts=[Part(outer=triangle)]),
        Box(x1=16, y1=12, x2=48, y2=36),
    ]
    assert [entry.keyframes[0].score for entry in imported] == [None, None, 0.75, None]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("0 0.5 0.5", "points_too_few"),
        (TRIANGLE.replace("0.25", "25"), "coordinate_not_relative"),
        ("0 a b c d e f", "not_a_number"),
    ],
)
def test_a_malformed_row_is_skipped_with_a_reason(row: str, code: str) -> None:
    skipped, entries = single(row, TRIANGLE)

    assert isinstance(skipped, SkippedRow)
    assert skipped.reason.code == code
    assert entries not in (None, skipped)
