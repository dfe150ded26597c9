"""Suggestions from tracks: label names, few keyframes, and reproducible ids."""

from collections.abc import Iterator, Sequence

import numpy as np

from common.contract.labels import Keyframe, Suggestion, Suggestions
from common.geometry.simplify import fewest_indices
from common.geometry.types import Box
from common.service.ids import stable_id
from inference.domain.clip_task import ClipTask
from inference.domain.track_segment import TrackSegment, smooth, split_at_gaps, tolerances
from inference.domain.tracker import Track

MAX_MISSED_FRAMES = 10
# On pedestrians this saves two of three keyframes at the price of 0.07 IoU with the detections.
SMOOTHING_RADIUS = 3


def suggest(clip: ClipTask, model: str, labels: Sequence[str], tracks: Sequence[Track]) -> Suggestions:
    """The suggestions of a run for a clip: one for each track, in order of appearance.

    An object that crosses the clip's border is one track on each side: clips are labeled independently, on any
    replica.
    """
    return Suggestions(
        run_id=clip.run_id,
        media_id=clip.media_id,
        clip=clip.clip,
        model=model,
        tracks=[
            Suggestion(
                id=stable_id(clip.run_id, clip.media_id, clip.clip, index),
                label=labels[track.label],
                score=round(float(np.mean(track.scores)), 3),
                keyframes=list(keyframes(track, clip)),
            )
            for index, track in enumerate(tracks)
        ],
    )


def keyframes(track: Track, clip: ClipTask) -> Iterator[Keyframe]:
    """The keyframes of a track; each visible segment is followed by a keyframe outside the view."""
    dense = TrackSegment(
        np.array(track.frames), np.array(track.boxes_xyxy, np.float64), np.array(track.scores, np.float64)
    )
    for seen in split_at_gaps(dense, MAX_MISSED_FRAMES):
        calm = smooth(seen, SMOOTHING_RADIUS)
        rounded = TrackSegment(calm.frames, calm.boxes_xyxy.round(2), calm.scores)
        chosen = fewest_indices(rounded.frames, rounded.boxes_xyxy, tolerances(rounded.boxes_xyxy))
        for at in chosen:
            yield _keyframe(rounded, int(at))
        after = int(seen.frames[-1]) + 1
        if after <= clip.last or not clip.ends_medium:
            yield _keyframe(rounded, -1).model_copy(update={"frame": after, "outside": True, "score": None})


def _keyframe(segment: TrackSegment, at: int) -> Keyframe:
    x1, y1, x2, y2 = segment.boxes_xyxy[at].tolist()
    return Keyframe(
        frame=int(segment.frames[at]),
        geometry=Box(x1=x1, y1=y1, x2=x2, y2=y2),
        source="model",
        score=round(float(segment.scores[at]), 3),
    )
