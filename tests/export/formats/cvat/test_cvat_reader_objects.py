"""Everything that CVAT's formats support survives with exact values."""

from typing import Any

import pytest

from common.contract.labels import Keyframe, ObjectState
from common.contract.missions import Attribute, Category, Mission, SkeletonTemplate
from common.geometry import types
from export.parsing.imported_object import ImportedObject
from export.parsing.reader import DeclaredMission
from tests.export.made import keyframe, labeled, medium, shape_object
from tests.export.parsing.returned import returned

IMAGES, VIDEO, JSON = "CVAT for images 1.1", "CVAT for video 1.1", "CVAT task annotations JSON"
MEDIA = [medium("m1", "a.mp4", 12), medium("m2", "b.mp4", 12), medium("i1", "c.jpg")]
RING: list[Any] = [(10.0, 10.0), (60.0, 10.0), (60.0, 50.0)]
SHAPES: list[Any] = [
    types.Box(x1=1, y1=2, x2=3, y2=4, rotation=30),
    types.Polygon(parts=[types.Part(outer=RING)]),
    types.Polyline(points=RING),
    types.Points(points=RING),
    types.Ellipse(cx=5, cy=6, rx=4, ry=3, rotation=15),
    types.Cuboid(points=[(0, 0), (4, 0), (4, 4), (0, 4), (2, 2), (6, 2), (6, 6), (2, 6)]),
    types.Bitmap(x=1, y=2, width=3, height=2, runs=[1, 4, 1]),
    types.Skeleton(
        keypoints=[types.Keypoint(name="nose", x=1, y=2), types.Keypoint(name="tail", x=3, y=4, visible=False)]
    ),
    types.ImageTag(),
]


def reimported(name: str, *states: ObjectState, missions: tuple[Mission, ...] = ()) -> list[ImportedObject]:
    round_trip = returned(name, MEDIA, states, missions)
    assert not round_trip.skipped
    return round_trip.objects


@pytest.mark.parametrize("name", [IMAGES, VIDEO, JSON])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_kind_survives_a_round_trip(name: str, shape: Any) -> None:
    if name == VIDEO and shape.kind == "label":
        return
    key = Keyframe(frame=0, geometry=shape, source="model")
    more: dict[str, Any] = {"category": "夜 “x”/\n", "type": "7", "z_order": 3, "source": "model", "group": "g"}
    state = labeled("o1", key, media_id="i1", annotation_type=shape.kind, **more)

    (imported,) = reimported(name, state)

    assert imported.keyframes[0].geometry == shape
    assert (imported.media_id, imported.category, imported.type, imported.source) == ("i1", "夜 “x”/\n", "7", "model")
    assert imported.z_order == (0 if shape.kind == "label" else 3)
    assert imported.group is not None


@pytest.mark.parametrize("name", [VIDEO, JSON])
def test_tracks_keep_their_keyframes(name: str) -> None:
    keys = [
        keyframe(1, 0, 0, 10, 10, attributes={"lit": "No", "n": 2.0}),
        keyframe(4, 6, 0, 16, 10, 20, occluded=True, attributes={"lit": "Yes"}),
        keyframe(7, 9, 0, 19, 10, outside=True),
        keyframe(9, 1, 1, 2, 2),
    ]

    (imported,) = reimported(name, labeled("o1", *keys, attributes={"5": "5", "yes": True}, source="quick"))

    at = [(each.frame, each.geometry, each.outside, each.occluded) for each in imported.keyframes]
    assert at == [(key.frame, key.geometry, key.outside, key.occluded) for key in keys]
    assert imported.attributes == {"5": 5.0 if name == JSON else "5", "yes": True, "lit": "No", "n": 2.0}
    assert [each.attributes for each in imported.keyframes] == [{}, {"lit": "Yes"}, {}, {}]
    assert imported.source == "quick"


@pytest.mark.parametrize("name", [VIDEO, JSON])
def test_where_keyframes_follow_the_end_the_last_frame_has_one(name: str) -> None:
    (imported,) = reimported(name, labeled("o1", keyframe(0, 0, 0, 10, 10), keyframe(20, 20, 0, 30, 10)))

    assert [(each.frame, each.geometry) for each in imported.keyframes] == [
        (0, types.Box(x1=0, y1=0, x2=10, y2=10)),
        (11, types.Box(x1=11, y1=0, x2=21, y2=10)),
    ]


def spots(object_id: str, *frames: int, **more: Any) -> ObjectState:
    """A mask on some frames that leaves the view after them."""
    keys = [
        Keyframe(
            frame=frame,
            geometry=types.Bitmap(x=frame, y=2, width=2, height=1, runs=[0, 2]),
            outside=frame == frames[-1],
        )
        for frame in frames
    ]
    return labeled(object_id, *keys, annotation_type="bitmap", **more)


@pytest.mark.parametrize("name", [VIDEO, JSON])
def test_tracks_of_masks_are_put_together_again(name: str) -> None:
    states = spots("o1", 2, 5, 8), spots("o2", 0, 3, 6, group="g"), spots("o3", 1, 9, group="g")

    first, second, alone = sorted(reimported(name, *states), key=lambda each: each.keyframes[0].frame)

    assert [(each.frame, each.outside) for each in alone.keyframes if each.frame in (2, 5, 8)] == [
        (2, False),
        (5, False),
        (8, True),
    ]
    assert all(isinstance(each.geometry, types.Bitmap) and each.geometry.x in (2, 5) for each in alone.keyframes)
    assert alone.group is None
    assert first.group == second.group is not None
    assert [first.keyframes[0].frame, second.keyframes[0].frame] == [0, 1]


@pytest.mark.parametrize("name", [IMAGES, VIDEO])
@pytest.mark.parametrize("group", [None, "g"])
def test_the_parts_of_a_polygon_are_one_object_again(name: str, group: str | None) -> None:
    parts = types.Polygon(parts=[types.Part(outer=RING), types.Part(outer=[(x + 100, y) for x, y in RING])])
    states = [
        shape_object("o1", parts, media_id="i1", group=group),
        shape_object("o2", types.Polygon(parts=[types.Part(outer=RING)]), media_id="i1", group=group),
        shape_object("o3", parts, media_id="i1", group=group),
    ]

    entries = reimported(name, *states)

    drawings = [entry.keyframes[0].geometry for entry in entries]
    assert sorted(len(drawing.parts) for drawing in drawings if isinstance(drawing, types.Polygon)) == [1, 2, 2]
    assert drawings.count(parts) == 2
    assert len({entry.group for entry in entries}) == 1
    assert (entries[0].group is None) == (group is None)


def test_a_video_of_parts_is_a_track_again() -> None:
    moved = [
        types.Polygon(parts=[types.Part(outer=RING), types.Part(outer=[(x + far, y) for x, y in RING])])
        for far in (100.0, 200.0)
    ]
    keys = [Keyframe(frame=frame, geometry=each) for frame, each in zip((0, 10), moved, strict=True)]

    (imported,) = reimported(VIDEO, labeled("o1", *keys, annotation_type="polygon"))

    at = {each.frame: each.geometry for each in imported.keyframes}
    assert (at[0], at[10]) == tuple(moved)


@pytest.mark.parametrize("name", [IMAGES, JSON])
def test_a_label_of_a_span_of_a_video_is_one_object(name: str) -> None:
    keys = [Keyframe(frame=2, geometry=types.ImageTag()), Keyframe(frame=7, geometry=types.ImageTag(), outside=True)]

    (imported,) = reimported(name, labeled("o1", *keys, annotation_type="label", attributes={"wet": True}))

    seen = [(each.frame, each.outside) for each in imported.keyframes]
    assert (seen[0], seen[-1]) == ((2, False), (7, True))
    assert imported.attributes == {"wet": True}


@pytest.mark.parametrize("name", [IMAGES, VIDEO, JSON])
def test_classes_are_declared_as_they_were(name: str) -> None:
    keypoints = SkeletonTemplate(names=["nose", "tail", "ear"], edges=[("nose", "tail")])
    attributes = [
        Attribute(name="broken", kind="bool", default=True),
        Attribute(name="side", values=["Left", "Right"], default="Right", mutable=True),
    ]
    kind = Category(name="Dog", color="#0000ff", attributes=attributes, joints=keypoints)

    round_trip = returned(name, MEDIA, [], [Mission(id="m", name="M", categories=[kind])])

    (mission,) = [entry.mission for entry in round_trip.found if isinstance(entry, DeclaredMission)]
    assert mission.categories == [kind]
