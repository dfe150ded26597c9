"""Hypothesis strategies for everything that a project can contain."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any, get_args

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from common.contract.labels import Behavior, Keyframe, ObjectState, Source
from common.geometry import types

FRAMES = 30
KINDS = [shape.model_fields["kind"].default for shape in get_args(get_args(types.Geometry)[0])]
words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
sources = st.sampled_from(get_args(Source))
scores = st.none() | st.floats(0, 1)
ids = st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True)


def _attributes() -> SearchStrategy[dict[str, Any]]:
    names = words | st.sampled_from(["truncated-1", "doors-1", "Doors", "occluded", "rotation"])
    return st.dictionaries(names, words | st.booleans() | st.floats(-1e4, 1e4), max_size=3)


@st.composite
def bitmaps(draw: st.DrawFn, far: int = 60) -> types.Bitmap:
    """Small bitmaps near an image."""
    width, height = draw(st.integers(0, 9)), draw(st.integers(0, 9))
    cuts = sorted(draw(st.sets(st.integers(0, width * height), max_size=8)))
    edges = [0, *(cut for cut in cuts if 0 < cut < width * height), width * height] if width * height else []
    runs = [end - begin for begin, end in pairwise(edges)]
    runs = [0, *runs] if draw(st.booleans()) and runs else runs
    x, y = draw(st.integers(-5, far)), draw(st.integers(-5, far))
    return types.Bitmap(x=x, y=y, width=width, height=height, runs=runs)


def geometries(kind: str, at: SearchStrategy[float]) -> SearchStrategy[Any]:
    """Shapes of a kind with coordinates like `at`."""
    point = st.tuples(at, at)
    ring = st.lists(point, min_size=3, max_size=6)
    positive = at.map(abs)
    turned = st.floats(-720, 720)
    return {
        "bbox": st.builds(types.Box, x1=at, y1=at, x2=at, y2=at, rotation=turned),
        "polygon": st.builds(
            types.Polygon,
            parts=st.lists(st.builds(types.Part, outer=ring, holes=st.lists(ring, max_size=2)), min_size=1, max_size=2),
        ),
        "polyline": st.builds(types.Polyline, points=st.lists(point, min_size=2, max_size=5)),
        "points": st.builds(types.Points, points=st.lists(point, min_size=1, max_size=5)),
        "skeleton": st.builds(types.Skeleton, keypoints=keypoints(at, 1)),
        "bitmap": bitmaps(),
        "circle": st.builds(types.Circle, cx=at, cy=at, r=positive),
        "ellipse": st.builds(types.Ellipse, cx=at, cy=at, rx=positive, ry=positive, rotation=turned),
        "line": st.builds(types.Line, x1=at, y1=at, x2=at, y2=at, dashed=st.booleans()),
        "cuboid": st.builds(types.Cuboid, points=st.lists(point, min_size=8, max_size=8)),
        "rpy": st.builds(types.Rpy, x=at, y=at, angles=angles()),
        "label": st.just(types.ImageTag()),
    }[kind]


def keypoints(at: SearchStrategy[float], fewest: int = 0) -> SearchStrategy[list[types.Keypoint]]:
    """Named keypoints."""
    entry = st.builds(types.Keypoint, name=st.sampled_from(["nose", "tail", "夜"]), x=at, y=at, visible=st.booleans())
    return st.lists(entry, min_size=fewest, max_size=3, unique_by=lambda each: each.name)


def angles() -> SearchStrategy[types.Angles]:
    """Angles of roll, pitch and yaw."""
    turned = st.floats(-180, 180)
    return st.builds(types.Angles, roll=turned, pitch=turned, yaw=turned)


@cache
def _objects(kind: str, reach: float) -> SearchStrategy[ObjectState]:
    """Cached, because building a strategy costs more than drawing from it."""
    at = st.floats(-reach, reach, allow_subnormal=False)
    beside = {"keypoints": keypoints(at), "rpy": st.none() | angles()} if kind in ("bbox", "polygon") else {}
    plain = {
        "frame": st.integers(0, FRAMES + 5),
        "geometry": geometries(kind, at),
        "outside": st.booleans(),
        "occluded": st.booleans(),
        "source": sources,
        "score": scores,
        "attributes": _attributes(),
    }
    keyframe = st.builds(Keyframe, **plain) | st.builds(Keyframe, **plain, **beside)
    keyframes = st.lists(keyframe, min_size=1, max_size=5, unique_by=lambda each: each.frame)
    frames = st.integers(0, FRAMES)
    behavior = st.builds(
        Behavior, id=ids, name=words | st.just("turn-1"), attribute=st.none() | words, first=frames, last=frames
    )
    return st.builds(
        ObjectState,
        id=ids,
        project_id=st.just("p"),
        media_id=st.sampled_from(["m1", "m2", "i1"]),
        mission=st.just("detection") | words,
        category=st.sampled_from(["vehicle-1", "Pedestrian"]) | words,
        type=st.none() | st.just("car-1") | words,
        attributes=_attributes(),
        annotation_type=st.just(kind),
        keyframes=keyframes.map(lambda each: sorted(each, key=lambda each: each.frame)),
        behaviors=st.lists(behavior, max_size=2),
        source=sources,
        run_id=st.none() | st.just("run-1"),
        model=st.none() | st.just("yolox 1"),
        score=scores,
        group=st.none() | st.just("g-1"),
        z_order=st.integers(-2, 2),
        done=st.booleans(),
        preferred_at=st.none() | st.floats(0, 2e9),
        revision=st.integers(1, 10_000),
        author=words,
        created_at=st.none() | st.floats(0, 2e9),
    )


def objects(kinds: Sequence[str] = KINDS, reach: float = 1e4) -> SearchStrategy[ObjectState]:
    """Objects of these kinds with every optional property, with coordinates up to `reach`."""
    return st.one_of([_objects(kind, reach) for kind in kinds])


def projects(reach: float = 1e4, most: int = 5) -> SearchStrategy[list[ObjectState]]:
    """The objects of a project."""
    return st.lists(objects(reach=reach), max_size=most, unique_by=lambda each: each.id)
