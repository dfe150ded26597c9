"""Whole tracks: the visible boxes on each frame."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.contract.labels import Keyframe
from common.geometry.tracks import Tracks, frame_windows, track_spans, visible_boxes
from common.geometry.types import Box


def key(frame: int, x: float = 0.0, rotation: float = 0.0, outside: bool = False) -> Keyframe:
    box = Box(x1=x, y1=0, x2=x + 10, y2=10, rotation=rotation)
    return Keyframe(frame=frame, geometry=box, outside=outside)


def seen(keyframes: list[Keyframe], first: int = 0, last: int = 9) -> dict[int, float]:
    found = visible_boxes(Tracks.of([keyframes]), first, last)
    return dict(zip(found.frames.tolist(), found.boxes_xyxyr[:, 0].tolist(), strict=True))


def test_boxes_start_at_the_first_keyframe_and_hold_to_the_end() -> None:
    assert seen([key(2, 0), key(6, 8)], last=8) == {2: 0, 3: 2, 4: 4, 5: 6, 6: 8, 7: 8, 8: 8}


def test_outside_hides_from_its_frame_on_and_is_interpolated_towards() -> None:
    track = [key(0, 0), key(4, 8, outside=True), key(7, 3)]

    assert seen(track) == {0: 0, 1: 2, 2: 4, 3: 6, 7: 3, 8: 3, 9: 3}
    assert track_spans(Tracks.of([track]), 10) == [[(0, 3), (7, 9)]]


def test_a_range_uses_the_keyframes_around_it() -> None:
    assert seen([key(0, 0), key(100, 100)], 40, 42) == {40: 40, 41: 41, 42: 42}
    assert seen([key(0, 0), key(100, 100)], 200, 201) == {200: 100, 201: 100}


@pytest.mark.parametrize(
    ("begin", "end", "halfway"),
    [(0, 90, 45), (350, 10, 0), (10, 350, 0), (0, 180, 90), (180, 0, 270), (0, 270, 315), (-20, 20, 0)],
)
def test_rotation_takes_the_short_arc(begin: float, end: float, halfway: float) -> None:
    found = visible_boxes(Tracks.of([[key(0, rotation=begin), key(2, rotation=end)]]), 0, 2)

    assert found.boxes_xyxyr[:, 4].tolist() == [begin, halfway, end]


def test_rows_are_sorted_by_frame_and_track() -> None:
    tracks = Tracks.of([[key(1), key(3)], [key(0, 50)]])

    found = visible_boxes(tracks, 0, 3)

    assert found.frames.tolist() == [0, 1, 1, 2, 2, 3, 3]
    assert found.keyframe.tolist() == [2, 0, 2, 0, 2, 1, 2]
    assert found.is_key.tolist() == [True, True, False, False, False, True, False]
    assert tracks.track[found.keyframe].tolist() == [1, 0, 1, 0, 1, 0, 1]


def test_no_tracks_have_no_boxes() -> None:
    assert visible_boxes(Tracks.of([]), 0, 100).frames.tolist() == []
    assert track_spans(Tracks.of([]), 10) == []
    assert list(frame_windows(Tracks.of([]), 10, 5)) == [(0, 9)]


some_tracks = st.lists(
    st.lists(st.tuples(st.integers(0, 40), st.floats(0, 100), st.booleans()), min_size=1, unique_by=lambda k: k[0]),
    max_size=5,
)


@given(some_tracks, st.integers(1, 45), st.integers(1, 30))
def test_windows_cover_each_frame_once(
    rows_of_tracks: list[list[tuple[int, float, bool]]], frame_count: int, at_most: int
) -> None:
    tracks = Tracks.of([[key(f, x, 0, outside) for f, x, outside in sorted(track)] for track in rows_of_tracks])

    cut = list(frame_windows(tracks, frame_count, at_most))
    parts = [visible_boxes(tracks, first, last) for first, last in cut]
    whole = visible_boxes(tracks, 0, frame_count - 1)

    assert [frame for first, last in cut for frame in range(first, last + 1)] == list(range(frame_count))
    assert np.array_equal(np.concatenate([part.boxes_xyxyr for part in parts]), whole.boxes_xyxyr)
    for part, (first, last) in zip(parts, cut, strict=True):
        assert first == last or len(part.frames) <= at_most


@given(some_tracks)
def test_spans_are_the_visible_frames(rows_of_tracks: list[list[tuple[int, float, bool]]]) -> None:
    tracks = Tracks.of([[key(f, x, 0, outside) for f, x, outside in sorted(track)] for track in rows_of_tracks])

    found = visible_boxes(tracks, 0, 44)

    for track, runs in enumerate(track_spans(tracks, 45)):
        frames = found.frames[tracks.track[found.keyframe] == track].tolist()
        assert [frame for first, last in runs for frame in range(first, last + 1)] == frames
