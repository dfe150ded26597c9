from collections.abc import Iterable

import numpy as np
import pytest

from inference.domain.detections import Detections, no_detections
from inference.domain.tracker import Track, Tracker, Tracking, tracking_for

TRACKING = tracking_for(0.4, frame_count=100)
Thing = tuple[float, float, float, int]  # left edge, top edge, score, label


def test_a_moving_object_is_one_track() -> None:
    tracks = _follow([(5.0 * frame, 0, 0.9, 0)] for frame in range(20))
    assert [len(track.frames) for track in tracks] == [20]


def test_two_objects_that_cross_are_two_tracks() -> None:
    tracks = _follow([(6.0 * frame, 0, 0.9, 0), (180 - 6.0 * frame, 45, 0.9, 0)] for frame in range(31))
    assert [len(track.frames) for track in tracks] == [31, 31]
    assert all(len({round(float(box[1])) for box in track.boxes_xyxy}) == 1 for track in tracks)


def test_a_low_score_prolongs_a_track_and_begins_none() -> None:
    scores = [0.9, 0.9, 0.9, 0.25, 0.25, 0.9, 0.9]
    tracks = _follow([(10, 10, score, 0), (300, 10, 0.25, 0)] for score in scores)
    assert [(track.frames, [round(score, 2) for score in track.scores]) for track in tracks] == [
        (list(range(7)), scores)
    ]


def test_an_object_that_is_hidden_for_a_while_keeps_its_track() -> None:
    tracks = _follow([] if 8 <= frame < 14 else [(4.0 * frame, 0, 0.9, 0)] for frame in range(25))
    assert [(track.frames[0], track.frames[-1], len(track.frames)) for track in tracks] == [(0, 24, 19)]


def test_an_object_that_returns_too_late_gets_a_new_track() -> None:
    hidden = range(5, 5 + TRACKING.max_missed + 2)
    tracks = _follow([] if frame in hidden else [(0, 0, 0.9, 0)] for frame in range(hidden.stop + 5))
    assert len(tracks) == 2


def test_a_track_has_one_label() -> None:
    tracks = _follow([(0, 0, 0.9, frame // 10)] for frame in range(20))
    assert [(track.label, len(track.frames)) for track in tracks] == [(0, 10), (1, 10)]


def test_a_single_detection_in_a_video_is_no_track() -> None:
    assert _follow([(0, 0, 0.9, 0)] if frame in (3, 4) else [] for frame in range(10)) == []


def test_on_an_image_every_detection_above_the_threshold_is_a_track() -> None:
    tracker = Tracker(tracking_for(0.4, frame_count=1))
    tracker.update(0, _found([(0, 0, 0.41, 0), (100, 0, 0.39, 0)]))
    assert [track.frames for track in tracker.tracks()] == [[0]]


def test_a_missing_frame_does_not_end_a_track() -> None:
    tracker = Tracker(TRACKING)
    for frame in (0, 1, 2, 3, 5, 6, 7):
        tracker.update(frame, _found([(8.0 * frame, 0, 0.9, 0)]))
    assert [track.frames for track in tracker.tracks()] == [[0, 1, 2, 3, 5, 6, 7]]


def test_frames_out_of_order_are_refused() -> None:
    tracker = Tracker(TRACKING)
    tracker.update(4, no_detections())
    with pytest.raises(ValueError, match="Frame 4 comes after frame 4"):
        tracker.update(4, no_detections())


def test_the_same_detections_give_the_same_tracks() -> None:
    frames = [[(float(x), float(y), 0.3 + 0.7 * s, int(c)) for x, y, s, c in rows] for rows in _noise()]
    first, second = _follow(frames), _follow(frames)
    assert [(t.label, t.frames, np.array(t.boxes_xyxy).tolist()) for t in first] == [
        (t.label, t.frames, np.array(t.boxes_xyxy).tolist()) for t in second
    ]
    assert first


def test_no_detection_is_in_two_tracks() -> None:
    frames = [[(float(x), float(y), 0.3 + 0.7 * s, int(c)) for x, y, s, c in rows] for rows in _noise()]
    tracks = _follow(frames, Tracking(0.4, 0.2, 0.5, min_frames=1))
    seen = [(frame, tuple(box)) for track in tracks for frame, box in zip(track.frames, track.boxes_xyxy, strict=True)]
    assert len(seen) == len(set(seen))
    assert all(track.frames == sorted(set(track.frames)) for track in tracks)


@pytest.mark.parametrize("threshold", [0.0, 0.4, 0.95, 1.0])
def test_the_thresholds_follow_from_the_requested_one(threshold: float) -> None:
    tracking = tracking_for(threshold, 100)
    assert 0 <= tracking.low <= tracking.high == threshold <= tracking.start <= 1


def _noise() -> list[np.ndarray]:
    random = np.random.default_rng(7)
    return [random.random((12, 4)) * [200, 100, 1, 2] for _ in range(30)]


def _follow(frames: Iterable[list[Thing]], tracking: Tracking = TRACKING) -> list[Track]:
    tracker = Tracker(tracking)
    for frame, things in enumerate(frames):
        tracker.update(frame, _found(things))
    return tracker.tracks()


def _found(things: list[Thing]) -> Detections:
    boxes = [[left, top, left + 40, top + 80] for left, top, _, _ in things]
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array([thing[2] for thing in things], np.float32),
        np.array([thing[3] for thing in things], np.int64),
    )
