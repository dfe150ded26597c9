"""Properties of all edits: revisions, and what is refused for any object."""

import math
from typing import Any

import pytest

from annotation.domain.edit import apply, create
from annotation.domain.edit_context import EditContext, Medium
from annotation.domain.errors import EditRefused
from annotation.domain.geometry_checks import MAX_COORDINATE, MAX_POINTS
from annotation.domain.invariants import MAX_ATTRIBUTES
from annotation.domain.sizes import size_of
from common.contract.edits import Edit
from common.contract.labels import Keyframe, ObjectState
from common.geometry import types
from tests.annotation import builders

NAN = math.nan
HEAD = types.Keypoint(name="head", x=1, y=1)
BEHAVIOR = {"id": "b", "name": "Turn", "first": 5, "last": 9}


def unchecked(geometry: types.Geometry, **fields: Any) -> types.Geometry:
    """A shape without validation."""
    return geometry.model_copy(update=fields)


def outline(*points: tuple[float, float]) -> types.Polygon:
    return types.Polygon.model_construct(parts=[types.Part.model_construct(outer=list(points))])


@pytest.fixture
def car() -> ObjectState:
    return builders.made(attributes={"Occlusion": "None", "Speed": 3.5})


def test_create_stores_sorted_keyframes_at_revision_one() -> None:
    state = builders.made(
        builders.key(20), builders.key(10), source="model", score=0.5, behaviors=[BEHAVIOR], group="g", z_order=3
    )

    assert (state.revision, builders.frames(state), state.author, state.media_id) == (1, [10, 20], "ada", "m")
    assert (state.source, state.score, state.deleted, state.created_at) == ("model", 0.5, False, 1000.0)
    assert (state.behaviors[0].name, state.group, state.z_order, state.preferred_at) == ("Turn", "g", 3, None)


@pytest.mark.parametrize("kind", builders.KINDS)
def test_every_kind_of_shape_is_stored_unchanged(kind: str) -> None:
    state = builders.made(builders.key(10, builders.shape(kind)), builders.key(20, builders.shape(kind, 50)))

    assert state.annotation_type == kind
    assert [one.geometry for one in state.keyframes] == [builders.shape(kind), builders.shape(kind, 50)]


@pytest.mark.parametrize(
    ("keyframes", "more", "reason"),
    [
        ([builders.key(10), builders.key(10)], {}, "duplicate_keyframe"),
        ([builders.key(builders.FRAMES)], {}, "frame_outside_medium"),
        ([builders.key(5, outside=True)], {}, "no_visible_keyframe"),
        ([builders.key(5), builders.key(6, builders.shape("circle"))], {}, "annotation_type_mismatch"),
        ([builders.key(5).model_copy(update={"score": NAN})], {}, "object_score_out_of_range"),
        ([builders.key(5, attributes={"": "x"})], {}, "attribute_name_length"),
        ([builders.key(5, keypoints=[HEAD, HEAD])], {}, "duplicate_keypoint"),
        ([builders.key(5, builders.shape("circle"), keypoints=[HEAD])], {}, "keypoints_not_supported"),
        ([builders.key(5, builders.shape("line"), rpy=types.Angles())], {}, "keypoints_not_supported"),
        ([builders.key(5, types.ImageTag(), keypoints=[HEAD])], {}, "keypoints_not_supported"),
        ([builders.key(5, rpy=types.Angles(pitch=181))], {}, "angle_out_of_range"),
        ([builders.key(5, types.ImageTag(), occluded=True)], {}, "label_cannot_be_occluded"),
        ([], {"attributes": {"Speed": math.inf}}, "attribute_value_not_finite"),
        ([], {"attributes": {"": "x"}}, "attribute_name_length"),
        ([], {"attributes": {"n": "x" * 10_001}}, "attribute_value_too_long"),
        ([], {"attributes": {str(n): True for n in range(MAX_ATTRIBUTES + 1)}}, "too_many_attributes"),
        ([], {"behaviors": [BEHAVIOR, BEHAVIOR]}, "duplicate_behavior_id"),
        ([], {"behaviors": [BEHAVIOR | {"last": 4}]}, "behavior_range_reversed"),
        ([], {"behaviors": [BEHAVIOR | {"last": builders.FRAMES}]}, "frame_outside_medium"),
    ],
)
def test_create_refuses_invalid_objects(keyframes: list[Keyframe], more: dict[str, Any], reason: str) -> None:
    given = (
        builders.creating(**more).model_copy(update={"keyframes": keyframes})
        if keyframes
        else builders.creating(**more)
    )

    with pytest.raises(EditRefused, match=reason):
        create(given, builders.CONTEXT)


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        (builders.box(size=0.5), "box_too_small"),
        (builders.box(size=-10), "box_too_small"),
        (builders.box(x=-2 * MAX_COORDINATE), "coordinate_out_of_range"),
        (builders.box(rotation=1e300), "coordinate_out_of_range"),
        (unchecked(builders.box(), x1=NAN), "coordinate_out_of_range"),
        (types.Polygon(parts=[]), "polygon_without_outline"),
        (outline((0, 0), (1, 1)), "too_few_points"),
        (outline((0, 0), (10, 10), (10, 0), (0, 10)), "self_intersecting_outline"),
        (outline((0, 0), (10, 0), (20, 0)), "self_intersecting_outline"),
        (types.Polygon(parts=[types.Part(outer=builders.SQUARE, holes=[[(1, 1), (2, 2)]])]), "too_few_points"),
        (outline((0, 0), (10, 0), (10, math.inf)), "coordinate_out_of_range"),
        (outline(*((x, x * x) for x in range(MAX_POINTS + 1))), "at most 10000 points"),
        (types.Polyline(points=[(1, 1)]), "too_few_points"),
        (types.Polyline(points=[(1, 1), (1, 1)]), "zero_length_line"),
        (types.Polyline(points=[(x, 0) for x in range(100_000)]), "at most 10000 points. This one has 100000"),
        (types.Points(points=[]), "too_few_points"),
        (types.Skeleton(keypoints=[]), "empty_skeleton"),
        (types.Skeleton(keypoints=[HEAD, HEAD]), "duplicate_keypoint"),
        (types.Skeleton(keypoints=[unchecked(HEAD, y=NAN)]), "coordinate_out_of_range"),  # type: ignore[arg-type]
        (types.Bitmap(x=0, y=0, width=3, height=2, runs=[1, 4]), "invalid_bitmap"),
        (types.Bitmap(x=0, y=0, width=3, height=2, runs=[-1, 7]), "invalid_bitmap"),
        (types.Bitmap(x=0, y=0, width=-3, height=-2, runs=[1, 5]), "invalid_bitmap"),
        (types.Bitmap(x=0, y=0, width=3, height=2, runs=[6]), "empty_bitmap"),
        (types.Bitmap(x=0, y=0, width=30_000, height=1, runs=[0, 30_000]), "bitmap_too_large"),
        (types.Bitmap(x=10**9, y=0, width=1, height=1, runs=[0, 1]), "coordinate_out_of_range"),
        (types.Circle(cx=0, cy=0, r=0.4), "circle_too_small"),
        (types.Circle(cx=0, cy=0, r=-4), "circle_too_small"),
        (types.Ellipse(cx=0, cy=0, rx=0, ry=5), "ellipse_too_small"),
        (types.Line(x1=1, y1=1, x2=1, y2=1), "zero_length_line"),
        (types.Cuboid(points=builders.SQUARE), "8 points. This one has 4"),
        (types.Cuboid(points=[(1, 1)] * 8), "zero_size_cuboid"),
        (types.Rpy(x=0, y=0, angles=types.Angles(roll=-180.5)), "angle_out_of_range"),
        (types.Rpy(x=2 * MAX_COORDINATE, y=0, angles=types.Angles()), "coordinate_out_of_range"),
    ],
)
def test_invalid_shapes_are_refused(geometry: types.Geometry, reason: str) -> None:
    with pytest.raises(EditRefused, match=reason):
        create(
            builders.creating().model_copy(
                update={"keyframes": [builders.key(0).model_copy(update={"geometry": geometry})]}
            ),
            builders.CONTEXT,
        )


def test_a_box_of_one_pixel_is_allowed_despite_rounding() -> None:
    assert len(builders.made(builders.key(0, builders.box(10.1, 1.0))).keyframes) == 1


def test_a_bitmap_is_at_most_as_large_as_the_image() -> None:
    tall = types.Bitmap(x=0, y=0, width=3, height=3, runs=[0, 9])

    assert builders.made(builders.key(0, tall), context=EditContext("p", "m", Medium(builders.FRAMES, 3, 3), "ada"))
    with pytest.raises(EditRefused, match="at most 3 × 2 pixels"):
        builders.made(builders.key(0, tall), context=EditContext("p", "m", Medium(builders.FRAMES, 3, 2), "ada"))


def test_shapes_beyond_the_image_are_kept_clipped_or_refused() -> None:
    wide = builders.key(0, types.Box(x1=-10, y1=10, x2=50, y2=90), keypoints=[types.Keypoint(name="head", x=-5, y=90)])

    kept = builders.made(wide, context=builders.on_picture("keep"))
    cut = builders.made(wide, context=builders.on_picture("clamp")).keyframes[0]

    assert kept.keyframes == [wide]
    assert cut.geometry == types.Box(x1=0, y1=10, x2=50, y2=80)
    assert [(point.x, point.y) for point in cut.keypoints] == [(0, 80)]
    with pytest.raises(EditRefused, match=r"beyond the image \(100 × 80"):
        builders.made(wide, context=builders.on_picture("refuse"))
    assert builders.made(builders.key(0, builders.box(50)), context=builders.on_picture("refuse"))


@pytest.mark.parametrize("kind", [kind for kind in builders.KINDS if kind != "label"])
@pytest.mark.parametrize("outside", ["clamp", "refuse"])
def test_a_shape_completely_off_the_image_is_refused(kind: str, outside: str) -> None:
    far = builders.key(10, builders.shape(kind, 500))

    with pytest.raises(EditRefused, match=r"image \(100 × 80 pixels\)"):
        builders.made(far, context=builders.on_picture(outside))
    leaving = builders.made(
        builders.key(0, builders.shape(kind, 20)),
        far.model_copy(update={"outside": True}),
        context=builders.on_picture(outside),
    )
    assert builders.frames(leaving) == [0, -10]


def test_a_label_is_valid_for_any_image_size() -> None:
    assert (
        builders.made(builders.key(0, types.ImageTag()), context=builders.on_picture("refuse")).annotation_type
        == "label"
    )


def test_every_edit_increments_the_revision(car: ObjectState) -> None:
    after = apply(builders.edit("set_done", done=True), car, builders.CONTEXT)

    assert (after.revision, after.done, car.revision, car.done) == (2, True, 1, False)


def test_an_object_is_created_once(car: ObjectState) -> None:
    with pytest.raises(EditRefused, match="object_id_taken"):
        apply(builders.creating(), car, builders.CONTEXT)
    with pytest.raises(EditRefused, match="object_id_taken"):
        apply(builders.creating(), apply(builders.edit("delete"), car, builders.CONTEXT), builders.CONTEXT)


@pytest.mark.parametrize(
    "change",
    [
        builders.edit("set_done", done=True),
        builders.edit("delete"),
        builders.edit("put_keyframe", keyframe=builders.key(5)),
        builders.edit("set_presence", present=True),
        builders.edit("merge", others=[{"object": "o2", "base_revision": 1}]),
    ],
)
def test_a_deleted_object_only_accepts_restore(car: ObjectState, change: Edit) -> None:
    gone = apply(builders.edit("delete"), car, builders.CONTEXT)

    with pytest.raises(EditRefused, match="object_deleted"):
        apply(change, gone, builders.CONTEXT)


@pytest.mark.parametrize("kind", builders.KINDS)
def test_the_size_of_an_object_is_never_underestimated(kind: str) -> None:
    awkward = {"\x00" * 19: "\x01" * 500, "größe": 1 / 3, "七": "🦊" * 40, "yes": True}
    far = -123_456.78901234567
    keypoints = [types.Keypoint(name="\x02" * 30, x=far, y=far)] if kind in ("bbox", "polygon") else []
    one = builders.key(99_999_999, builders.shape(kind, far), attributes=awkward, keypoints=keypoints, score=1 / 3)
    named = {"author": "\x03" * 10, "model": "\n" * 15, "type": "t" * 200, "group": "g" * 64, "run_id": "r" * 64}
    behaviors = [BEHAVIOR | {"id": "b" * 64, "name": "\x04" * 9, "attribute": "\x05" * 9, "last": 99_999_999}]
    state = ObjectState.model_validate(
        builders.made(builders.key(0)).model_dump()
        | named
        | {"id": "o" * 64, "project_id": "p" * 64, "media_id": "m" * 64, "annotation_type": kind}
        | {"keyframes": [one.model_dump()], "attributes": awkward, "behaviors": behaviors, "score": far}
        | {"created_at": 1 / 3, "preferred_at": 1 / 3, "z_order": -1_000_000, "revision": 999_999_999}
    )

    assert len(state.model_dump_json().encode()) <= size_of(state) < 100_000


def test_a_large_bitmap_is_measured_by_its_runs() -> None:
    runs = [1, 2] * 40_000
    one = builders.key(0, types.Bitmap(x=0, y=0, width=300, height=400, runs=runs))
    state = builders.made(one)

    assert len(state.model_dump_json()) <= size_of(state) < 3 * len(state.model_dump_json())
    assert size_of(builders.made(builders.key(0, builders.square()))) < 5000
