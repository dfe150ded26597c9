"""Class, attributes, behaviors and conversion of objects."""

from dataclasses import replace
from typing import Any

import pytest

from annotation.domain.edit import apply
from annotation.domain.errors import EditRefused
from annotation.domain.ontology import Ontology
from common.contract.edits import Edit
from common.contract.labels import ObjectState
from common.contract.missions import Attribute, Category, Mission, Type
from common.geometry.masks import bitmap_area, polygonize, rasterize
from common.geometry.shapes import attributes_at
from common.geometry.types import Angles, Bitmap, ImageTag, Keypoint, Part, Polygon
from tests.annotation import builders

SPEED = Attribute(name="Speed", kind="number", mutable=True)
COLOUR = Attribute(name="Colour", kind="text")
DOORS = Attribute(name="Doors", kind="number")
MISSION = Mission(
    id="m1",
    name="M",
    categories=[
        Category(name="Car", color="#112233", attributes=[SPEED, COLOUR], types=[Type(name="Van", attributes=[DOORS])]),
        Category(name="Bus", color="#112233", attributes=[COLOUR]),
    ],
)
NAMED = replace(builders.CONTEXT, ontology=Ontology([MISSION]))


def keyframe_attributes(state: ObjectState) -> list[dict[str, Any]]:
    return [keyframe.attributes for keyframe in state.keyframes]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (builders.edit("set_category", category="Bus"), {"category": "Bus", "mission": "m1", "type": None}),
        (
            builders.edit("set_category", mission="N", category="Bus", type="Big"),
            {"mission": "N", "category": "Bus", "type": "Big"},
        ),
        (
            builders.edit("set_attributes", attributes={"Speed": None, "a": 1.5}),
            {"attributes": {"Occlusion": "None", "a": 1.5}},
        ),
        (builders.edit("set_done", done=True), {"done": True}),
        (builders.edit("set_group", group="g1"), {"group": "g1"}),
        (builders.edit("set_z_order", z_order=-5), {"z_order": -5}),
        (builders.edit("delete"), {"deleted": True}),
    ],
)
def test_an_edit_changes_only_its_property(change: Edit, expected: dict[str, Any]) -> None:
    car = builders.made(attributes={"Occlusion": "None", "Speed": 3.5})

    after = apply(change, car, builders.CONTEXT)

    assert after == car.model_copy(update=expected | {"revision": 2})


def test_attributes_unknown_to_the_new_category_are_removed() -> None:
    car = builders.made(
        builders.key(0, attributes={"Speed": 3.0}),
        builders.key(9),
        type="Van",
        attributes={"Colour": "red", "Doors": 4.0},
    )

    bus = apply(builders.edit("set_category", category="Bus"), car, NAMED)
    plain = apply(builders.edit("set_category", category="Car"), car, NAMED)

    assert (bus.attributes, keyframe_attributes(bus)) == ({"Colour": "red"}, [{}, {}])
    assert (plain.attributes, keyframe_attributes(plain)) == ({"Colour": "red"}, [{"Speed": 3.0}, {}])


def test_a_mutable_attribute_changes_from_a_frame_on() -> None:
    car = builders.made(
        builders.key(0, attributes={"Speed": 1.0}), builders.key(20, builders.box(40), attributes={"Speed": 9.0})
    )

    after = apply(builders.edit("set_attributes", attributes={"Speed": 5.0, "Colour": "red"}, frame=10), car, NAMED)

    assert [attributes_at(after.keyframes, frame).get("Speed") for frame in (9, 10, 19, 20)] == [1, 5, 5, 9]
    assert after.attributes == {"Colour": "red"}
    assert (builders.frames(after), after.keyframes[1].geometry) == ([0, 10, 20], builders.box(20))


def test_a_mutable_attribute_without_a_frame_applies_to_all_frames() -> None:
    car = builders.made(
        builders.key(0, attributes={"Speed": 1.0}),
        builders.key(20, attributes={"Speed": 9.0}),
        attributes={"Speed": 2.0},
    )

    after = apply(builders.edit("set_attributes", attributes={"Speed": 5.0}), car, NAMED)
    cleared = apply(builders.edit("set_attributes", attributes={"Speed": None}), car, NAMED)

    assert (after.attributes, keyframe_attributes(after)) == ({}, [{"Speed": 5.0}, {}])
    assert (cleared.attributes, keyframe_attributes(cleared)) == ({}, [{}, {}])


def test_an_unknown_attribute_can_be_removed() -> None:
    car = builders.made(builders.key(0, attributes={"Old": 1.0}), attributes={"Older": True})

    after = apply(builders.edit("set_attributes", attributes={"Old": None, "Older": None}), car, NAMED)

    assert (after.attributes, keyframe_attributes(after)) == ({}, [{}])


def test_removing_a_missing_attribute_creates_no_keyframe() -> None:
    car = builders.made(builders.key(0, attributes={"Speed": 1.0}), builders.key(20))

    there = apply(builders.edit("set_attributes", attributes={"Speed": None}, frame=0), car, NAMED)
    nothing = apply(builders.edit("set_attributes", attributes={"Speed": None}, frame=10), car, NAMED)

    assert (keyframe_attributes(there), nothing.keyframes) == ([{}, {}], car.keyframes)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (builders.edit("set_attributes", attributes={"Speed": 5.0}, frame=3), "before_first_keyframe"),
        (builders.edit("set_attributes", attributes={"Speed": 5.0}, frame=100), "frame_outside_medium"),
        (
            builders.edit("set_attributes", attributes={str(number): True for number in range(200)}),
            "too_many_attributes",
        ),
        (builders.edit("set_attributes", attributes={"n": "x" * 10_001}, frame=10), "attribute_value_too_long"),
    ],
)
def test_invalid_attributes_are_refused(change: Edit, reason: str) -> None:
    with pytest.raises(EditRefused, match=reason):
        apply(change, builders.made(attributes={"Colour": "red"}), builders.CONTEXT)


def test_the_latest_default_label_applies() -> None:
    label = builders.made(builders.key(0, ImageTag()))

    first = apply(builders.edit("make_default"), label, builders.CONTEXT)
    again = apply(builders.edit("make_default"), first, builders.CONTEXT)

    assert first.preferred_at == 1000.0
    assert again.preferred_at is not None
    assert again.preferred_at > 1000.0


def test_only_a_label_can_be_the_default() -> None:
    with pytest.raises(EditRefused, match="not_a_label"):
        apply(builders.edit("make_default"), builders.made(), builders.CONTEXT)


def test_the_category_of_a_label_is_fixed() -> None:
    label = builders.made(builders.key(0, ImageTag()))

    with pytest.raises(EditRefused, match="label_category_is_fixed"):
        apply(builders.edit("set_category", category="Bus"), label, builders.CONTEXT)
    assert apply(builders.edit("set_category", category="Car", type="Van"), label, builders.CONTEXT).type == "Van"


def test_a_behaviour_is_added_replaced_and_removed() -> None:
    car = builders.made()
    turn = {"id": "b1", "name": "Turn", "attribute": "Left", "first": 40, "last": 80}

    added = apply(builders.edit("put_behavior", behavior=turn), car, builders.CONTEXT)
    longer = apply(builders.edit("put_behavior", behavior=turn | {"last": 90}), added, builders.CONTEXT)
    removed = apply(builders.edit("remove_behavior", behavior="b1"), longer, builders.CONTEXT)

    assert [(one.id, one.first, one.last) for one in longer.behaviors] == [("b1", 40, 90)]
    assert (len(added.behaviors), removed.behaviors) == (1, [])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            builders.edit("put_behavior", behavior={"id": "b", "name": "Turn", "first": 9, "last": 8}),
            "behavior_range_reversed",
        ),
        (
            builders.edit("put_behavior", behavior={"id": "b", "name": "Turn", "first": 9, "last": 100}),
            "frame_outside_medium",
        ),
        (builders.edit("remove_behavior", behavior="b"), "behavior_not_found"),
    ],
)
def test_a_behaviour_must_be_inside_the_medium(change: Edit, reason: str) -> None:
    with pytest.raises(EditRefused, match=reason):
        apply(change, builders.made(), builders.CONTEXT)


@pytest.mark.parametrize("kind", ["bbox", "polygon", "circle", "ellipse"])
def test_a_shape_becomes_a_bitmap_without_attributes(kind: str) -> None:
    more: dict[str, Any] = {"keypoints": [Keypoint(name="a", x=1, y=1)], "rpy": Angles()} if kind in ("bbox", "polygon") else {}  # fmt: skip  # noqa: E501
    one = builders.made(
        builders.key(0, builders.shape(kind), attributes={"a": True}, **more),
        builders.key(9, builders.shape(kind, 20)),
        attributes={"b": True},
    )

    after = apply(builders.edit("convert", to="bitmap"), one, builders.CONTEXT)

    first = after.keyframes[0]
    assert (after.annotation_type, after.attributes, keyframe_attributes(after)) == ("bitmap", {}, [{}, {}])
    assert (first.geometry, first.keypoints, first.rpy) == (rasterize(builders.shape(kind)), [], None)


def test_a_bitmap_becomes_a_polygon() -> None:
    steps = rasterize(Polygon(parts=[Part(outer=[(0, 0), (40, 0), (0, 40)])]))
    mask = builders.made(builders.key(0, steps), attributes={"b": True})

    exact = apply(builders.edit("convert", to="polygon"), mask, builders.CONTEXT)
    simple = apply(builders.edit("convert", to="polygon", simplified=True), mask, builders.CONTEXT)

    assert exact.keyframes[0].geometry == polygonize(steps)
    assert exact.attributes == {"b": True}
    assert points_of(simple) < 10 < points_of(exact)
    assert rasterize(exact.keyframes[0].geometry) == steps


def points_of(state: ObjectState) -> int:
    geometry = state.keyframes[0].geometry
    assert isinstance(geometry, Polygon)
    return len(geometry.parts[0].outer)


def test_a_rotated_box_becomes_a_polygon() -> None:
    turned = builders.made(builders.key(0, builders.box(rotation=90), keypoints=[Keypoint(name="a", x=1, y=1)]))

    after = apply(builders.edit("convert", to="polygon"), turned, builders.CONTEXT).keyframes[0]

    assert isinstance(after.geometry, Polygon)
    assert [tuple(round(x) for x in point) for point in after.geometry.parts[0].outer] == [(10, 0), (10, 10), (0, 10), (0, 0)]  # fmt: skip  # noqa: E501
    assert len(after.keypoints) == 1


def test_rasterized_shapes_are_clipped_to_the_image() -> None:
    edge = builders.made(builders.key(0, builders.square(95)), builders.key(9, builders.square(500), outside=True))

    after = apply(builders.edit("convert", to="bitmap"), edge, builders.on_picture("keep"))

    found = [one.geometry for one in after.keyframes]
    assert all(isinstance(one, Bitmap) and bitmap_area(one) == 50 for one in found)
    with pytest.raises(EditRefused, match="On frame 9, the shape covers no pixel"):
        apply(
            builders.edit("convert", to="bitmap"),
            builders.made(builders.key(0, builders.square(95)), builders.key(9, builders.square(500))),
            builders.on_picture("keep"),
        )


@pytest.mark.parametrize(
    ("kind", "to"),
    [
        *((kind, "bitmap") for kind in builders.KINDS if kind not in ("bbox", "polygon", "circle", "ellipse")),
        *((kind, "polygon") for kind in builders.KINDS if kind not in ("bbox", "bitmap")),
    ],
)
def test_other_conversions_are_refused(kind: str, to: str) -> None:
    with pytest.raises(EditRefused, match=r"(conversion_not_supported|already_annotation_type)"):
        apply(builders.edit("convert", to=to), builders.made(builders.key(0, builders.shape(kind))), builders.CONTEXT)


def test_huge_shapes_cannot_be_rasterized() -> None:
    with pytest.raises(EditRefused, match="shape_too_large_to_rasterize"):
        apply(
            builders.edit("convert", to="bitmap"),
            builders.made(builders.key(0, builders.box(size=900_000))),
            builders.CONTEXT,
        )
