import numpy as np
import pytest

from common.contract.labels import Suggestions
from common.geometry.tracks import Tracks, visible_boxes
from inference.domain.clip_task import ClipTask
from inference.domain.suggestions import suggest
from inference.domain.track_segment import tolerances
from inference.domain.tracker import Track

CLIP = ClipTask("p", "r", "m", 1, first=100, last=199, ends_medium=False)


def test_a_track_that_leaves_is_out_of_view_from_the_next_frame_on() -> None:
    (suggestion,) = _suggest(_track(range(110, 131))).tracks
    assert [(keyframe.frame, keyframe.outside) for keyframe in suggestion.keyframes] == [
        (110, False),
        (130, False),
        (131, True),
    ]
    assert {keyframe.source for keyframe in suggestion.keyframes} == {"model"}


def test_a_track_until_the_end_of_the_clip_ends_there() -> None:
    (suggestion,) = _suggest(_track(range(150, 200))).tracks
    assert suggestion.keyframes[-1].frame == 200
    assert suggestion.keyframes[-1].outside


def test_no_keyframe_lies_after_the_last_frame_of_the_medium() -> None:
    last = ClipTask("p", "r", "m", 1, first=100, last=199, ends_medium=True)
    (suggestion,) = suggest(last, "model", ["cat"], [_track(range(150, 200))]).tracks
    assert [keyframe.frame for keyframe in suggestion.keyframes] == [150, 199]


def test_a_long_absence_is_out_of_view_and_a_short_one_is_bridged() -> None:
    (suggestion,) = _suggest(_track([*range(110, 120), *range(125, 130), *range(150, 160)])).tracks
    assert [(keyframe.frame, keyframe.outside) for keyframe in suggestion.keyframes] == [
        (110, False),
        (129, False),
        (130, True),
        (150, False),
        (159, False),
        (160, True),
    ]


def test_ids_are_stable_and_unique_within_a_run() -> None:
    tracks = [_track(range(110, 120)), _track(range(140, 150))]
    first, second = _suggest(*tracks), _suggest(*tracks)
    assert first == second
    assert len({track.id for track in first.tracks}) == 2


def test_label_and_score_come_from_the_model() -> None:
    (suggestion,) = _suggest(_track(range(110, 120))).tracks
    assert (suggestion.label, suggestion.score) == ("cat", 0.75)
    assert all(keyframe.score == 0.75 for keyframe in suggestion.keyframes if not keyframe.outside)


def test_a_jittering_box_stays_close_to_its_detections() -> None:
    random = np.random.default_rng(5)
    frames = np.arange(100, 200)
    centre = np.stack([3 * (frames - 100), 60 * np.sin(frames / 20)], axis=1)
    boxes = np.concatenate([centre, centre + np.array([80, 160])], axis=1) + random.normal(0, 1, (100, 4))
    track = Track(0, frames.tolist(), list(boxes.astype(np.float32)), [0.9] * 100)

    (suggestion,) = _suggest(track).tracks

    back = visible_boxes(Tracks.of([suggestion.keyframes]), 100, 199).boxes_xyxyr[:, :4]
    assert len(suggestion.keyframes) <= 16
    assert np.abs(back - boxes).max() < tolerances(boxes).max() + 4


def test_the_suggestions_of_an_empty_clip_are_an_empty_list() -> None:
    assert Suggestions.model_validate_json(_suggest().model_dump_json()).tracks == []


@pytest.mark.parametrize("seen", [1, 2])
def test_a_short_track_has_a_keyframe(seen: int) -> None:
    (suggestion,) = _suggest(_track(range(110, 110 + seen))).tracks
    assert suggestion.keyframes[0].frame == 110


def _suggest(*tracks: Track) -> Suggestions:
    return suggest(CLIP, "model", ["cat", "dog"], tracks)


def _track(frames: range | list[int]) -> Track:
    track = Track(0)
    for frame in frames:
        track.frames.append(frame)
        track.boxes_xyxy.append(np.array([frame, 0, frame + 50, 80], np.float32))
        track.scores.append(0.75)
    return track
