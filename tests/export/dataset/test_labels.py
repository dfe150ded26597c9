"""Labels as streams: frame by frame, object by object."""

import math
from typing import Any

import pytest
from hypothesis import given

from common.contract.labels import Keyframe, ObjectState
from common.geometry.shapes import shape_at
from common.geometry.types import Angles, Box, ImageTag, Keypoint, Polygon
from export.dataset import labels as labels_module
from export.dataset.labels import Labels
from export.dataset.shapes import Shape
from export.dataset.track import flat
from tests.export.made import dataset, keyframe, labeled, medium, shape_object
from tests.export.strategies import FRAMES, projects

SQUARE = Polygon(parts=[{"outer": [(0, 0), (8, 0), (8, 8), (0, 8)]}])


def collected(objects: list[ObjectState], frames: int = FRAMES) -> Labels:
    (labels,) = dataset([medium(frames=frames)], objects).labels()
    return labels


def key_of(shape: Shape) -> tuple[Any, ...]:
    return shape.frame, shape.object.state.id


def test_every_frame_is_there_once_also_without_shapes() -> None:
    polygon = labeled(
        "b",
        Keyframe(frame=3, geometry=SQUARE),
        Keyframe(frame=5, geometry=SQUARE, outside=True),
        annotation_type="polygon",
    )
    box = labeled("a", keyframe(4), keyframe(6, outside=True))

    frames = list(collected([box, polygon], frames=8).frames())

    assert [frame.number for frame in frames] == list(range(8))
    assert [[shape.object.state.id for shape in frame.shapes] for frame in frames] == [
        [],
        [],
        [],
        ["b"],
        ["b", "a"],
        ["a"],
        [],
        [],
    ]


def test_the_farthest_shape_comes_first_whatever_its_kind() -> None:
    objects = [
        labeled("near", z_order=2),
        shape_object("far", SQUARE, z_order=-1),
        labeled("middle", keyframe(0, 0, 0, 1, 1)),
    ]

    first = next(collected(objects).frames())

    assert [shape.object.state.id for shape in first.shapes] == ["far", "middle", "near"]
    assert [shape.object_index for shape in first.shapes] == [0, 1, 2]


def test_a_shape_has_the_properties_of_its_frame() -> None:
    nose = Keypoint(name="nose", x=0, y=0)
    found = labeled(
        "o1",
        keyframe(0, 0, 0, 10, 10, keypoints=[nose], rpy=Angles(yaw=10), occluded=True, source="model"),
        keyframe(4, 4, 0, 14, 10, keypoints=[nose.model_copy(update={"x": 4.0})], rpy=Angles(yaw=30), score=0.5),
        attributes={"doors-1": 4.0},
        type="car-1",
        score=0.25,
    )

    shapes = [frame.shapes[0] for frame in collected([found], frames=6).frames()]

    assert [shape.geometry for shape in shapes[1:3]] == [(1, 0, 11, 10, 0), (2, 0, 12, 10, 0)]
    assert [(shape.is_key, shape.occluded, shape.source, shape.score) for shape in shapes] == [
        (True, True, "model", 0.25),
        *[(False, True, "model", 0.25)] * 3,
        (True, False, "manual", 0.5),
        (False, False, "manual", 0.5),
    ]
    assert shapes[2].keypoints[0].x == 2
    assert shapes[2].rpy == Angles(yaw=20)
    assert shapes[5].attributes == {"Doors": 4.0}


def test_attributes_hold_until_a_later_keyframe_changes_them() -> None:
    for geometry in (Box(x1=0, y1=0, x2=1, y2=1), SQUARE):
        own = [{}, {"a": "1", "b": True}, {}, {"a": "2"}]
        keyframes = [Keyframe(frame=at, geometry=geometry, attributes=values) for at, values in enumerate(own)]
        found = labeled("o1", *keyframes, annotation_type=geometry.kind, attributes={"a": "0", "c": 1.0})

        labels = collected([found], frames=5)

        assert [frame.shapes[0].attributes for frame in labels.frames()] == [
            {"a": "0", "c": 1.0},
            {"a": "1", "b": True, "c": 1.0},
            {"a": "1", "b": True, "c": 1.0},
            {"a": "2", "b": True, "c": 1.0},
            {"a": "2", "b": True, "c": 1.0},
        ]
        assert [dict(key.attributes) for key in labels.keys(0)] == own


def test_labels_of_the_whole_medium_are_on_the_frames_on_which_they_hold() -> None:
    rain = labeled(
        "l1",
        Keyframe(frame=2, geometry=ImageTag()),
        Keyframe(frame=3, geometry=ImageTag()),
        Keyframe(frame=4, geometry=ImageTag(), outside=True),
        Keyframe(frame=6, geometry=ImageTag()),
        annotation_type="label",
        category="rain",
    )
    day = shape_object("l2", ImageTag(), category="day")

    labels = collected([rain, day], frames=8)

    assert [(label.object.category, label.is_default) for label in labels.medium_labels] == [
        ("rain", True),
        ("day", False),
    ]
    held = [
        [label.object.category for label in frame.medium_labels if label.object.category == "rain"]
        for frame in labels.frames()
    ]
    assert held == [[], [], ["rain"], ["rain"], [], [], ["rain"], ["rain"]]
    assert labels.objects == []


@pytest.mark.parametrize(
    ("preferred", "default"), [((None, None), "a"), ((None, 1.0), "b"), ((2.0, 1.0), "a"), ((1.0, 1.0), "a")]
)
def test_the_default_label_is_the_one_preferred_last(preferred: tuple[Any, Any], default: str) -> None:
    tags = [shape_object(name, ImageTag(), preferred_at=at) for name, at in zip("ba", reversed(preferred), strict=True)]

    (labels,) = dataset([medium()], tags).labels()

    assert [label.object.state.id for label in labels.medium_labels if label.is_default] == [default]


@given(projects(reach=500))
def test_both_streams_have_exactly_the_visible_shapes(written: list[ObjectState]) -> None:
    shaped = [found.model_copy(update={"media_id": "m1"}) for found in written if found.annotation_type != "label"]
    expected = {
        (frame, found.id): visible
        for found in shaped
        for frame in range(FRAMES)
        if (visible := shape_at(found.keyframes, frame))
    }
    before = labels_module.BOXES_AT_ONCE
    labels_module.BOXES_AT_ONCE = 7
    try:
        labels = collected(shaped)
        by_frame = [shape for frame in labels.frames() for shape in frame.shapes]
        by_object = [shape for _, shapes in labels.by_object() for shape in shapes]
    finally:
        labels_module.BOXES_AT_ONCE = before

    assert {key_of(shape) for shape in by_frame} == set(expected)
    assert len(by_frame) == len(by_object) == len(expected)
    assert sorted(map(key_of, by_frame)) == sorted(map(key_of, by_object))
    assert [(shape.frame, shape.object_index) for shape in by_frame] == sorted(
        (shape.frame, shape.object_index) for shape in by_frame
    )
    for shape in by_frame:
        exact = flat(expected[key_of(shape)].geometry)
        if isinstance(shape.geometry, tuple):
            assert isinstance(exact, tuple)
            assert all(
                math.isclose(*pair, rel_tol=1e-9, abs_tol=1e-6) for pair in zip(shape.geometry, exact, strict=True)
            )
        else:
            assert shape.geometry == exact


def test_a_polygon_with_coordinates_near_the_limit_of_floats_is_lost() -> None:
    polygons = [
        Polygon(parts=[{"outer": [(0, 0)] * 3}, {"outer": ring}])
        for ring in ([(0, 1), (0, 9e307), (0, 0)], [(0, 3e222), (0, 2e238), (0, 0)])
    ]
    track = [Keyframe(frame=5 * number, geometry=polygon) for number, polygon in enumerate(polygons)]

    labels = collected([labeled("o1", *track, annotation_type="polygon")], frames=6)

    assert [frame.shapes for frame in labels.frames()] == [[]] * 6
    assert {found.reason.code: found.count for found in labels.report.losses} == {labels_module.FAR_OUT: 6}
