"""From tracks to what is proposed: labels by name, few keyframes, ids that a second run gives again."""

from collections.abc import Iterator, Sequence

import numpy as np

from common.contract.labels import Keyframe, Suggestion, Suggestions
from common.geometry.simplify import fewest_indices
from common.geometry.types import Box
from common.service.ids import stable_id
from inference.domain.clip_task import ClipOfRun
from inference.domain.track_segment import Stretch, smoothed, tolerances, without_gaps
from inference.domain.tracker import Track

LONGEST_GAP = 10
# On pedestrians this saves two keyframes of three, at the price of 0.07 IoU with what the detector said.
SMOOTHED_OVER = 3


def suggest(clip: ClipOfRun, model: str, labels: Sequence[str], tracks: Sequence[Track]) -> Suggestions:
    """What the run proposes for the clip: one suggestion for each track, in the order the things appeared.

    A thing that crosses the clip's border is one track on each side: clips are labeled independently, on any replica.
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


def keyframes(track: Track, clip: ClipOfRun) -> Iterator[Keyframe]:
    """The keyframes of a track; after each stretch in which it is seen, one that says it is out of view."""
    dense = Stretch(np.array(track.frames), np.array(track.boxes_xyxy, np.float64), np.array(track.scores, np.float64))
    for seen in without_gaps(dense, LONGEST_GAP):
        calm = smoothed(seen, SMOOTHED_OVER)
        rounded = Stretch(calm.frames, calm.boxes_xyxy.round(2), calm.scores)
        chosen = fewest_indices(rounded.frames, rounded.boxes_xyxy, tolerances(rounded.boxes_xyxy))
        for at in chosen:
            yield _keyframe(rounded, int(at))
        after = int(seen.frames[-1]) + 1
        if after <= clip.last or not clip.ends_medium:
            yield _keyframe(rounded, -1).model_copy(update={"frame": after, "outside": True, "score": None})


def _keyframe(stretch: Stretch, at: int) -> Keyframe:
    x1, y1, x2, y2 = stretch.boxes_xyxy[at].tolist()
    return Keyframe(
        frame=int(stretch.frames[at]),
        geometry=Box(x1=x1, y1=y1, x2=x2, y2=y2),
        source="model",
        score=round(float(stretch.scores[at]), 3),
    )
