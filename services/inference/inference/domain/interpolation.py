"""The keyframes of quick label for a gap, and the frame where the object is lost."""

from collections.abc import Iterator

import numpy as np

from common.contract.labels import Keyframe, Suggestion, Suggestions
from common.geometry.angles import short_arc
from common.geometry.simplify import fewest_indices
from common.geometry.types import Box
from inference.domain.cxcywh import Float64Array, clip_to_image, cxcywh_of, interpolate_cxcywh, xyxy_of
from inference.domain.fusion import Trajectory, lost_frames, median_filter, true_ranges
from inference.domain.gap_task import GapTask
from inference.domain.track_segment import TrackSegment, smooth, tolerances

SMOOTHING_RADIUS = 3
TINY = 1e-3


def expected_path(gap: GapTask, frame_wh: tuple[int, int]) -> Float64Array:
    """[n, 4] upright boxes of the object on frames first…last if it moves evenly, clipped to the image."""
    first, last = (cxcywh_of(clip_to_image(_upright(box), frame_wh)) for box in (gap.first_box, gap.last_box))
    return interpolate_cxcywh(first, last, gap.last - gap.first + 1)


def fill_gap(
    gap: GapTask, model: str, trajectory: Trajectory, frame_wh: tuple[int, int]
) -> tuple[Suggestions, int | None]:
    """The keyframes of source `quick` that fill a gap, and the first frame on which the object is lost.

    There are as few as the tolerance allows. The frame after the first keyframe is always one of them, so that
    everything interpolated from it is known to be quick label's. Each has the mean score of the frames up to the next
    one.
    """
    gone = lost_frames(trajectory)
    dense = TrackSegment(np.arange(gap.first, gap.last + 1), _boxes(gap, trajectory, frame_wh), trajectory.scores)
    keyframes = [
        keyframe for start, end in true_ranges(~gone) for keyframe in _keyframes(gap, dense, max(start, 1), end)
    ]
    kept = trajectory.scores[1:-1][~gone[1:-1]]
    track = Suggestion(
        id=gap.object_id,
        label=gap.category,
        score=round(float(kept.mean()), 3) if len(kept) else 0.0,
        keyframes=keyframes,
    )
    stopped_at = gap.first + int(np.argmax(gone)) if gone.any() else None
    found = Suggestions(run_id=gap.run_id, media_id=gap.media_id, clip=gap.clip, model=model, tracks=[track])
    return found, stopped_at


def _keyframes(gap: GapTask, dense: TrackSegment, start: int, end: int) -> Iterator[Keyframe]:
    """The keyframes of frames start…end-1 (indices), without the last keyframe of the gap."""
    part = TrackSegment(dense.frames[start:end], dense.boxes_xyxy[start:end], dense.scores[start:end])
    if not len(part.frames):
        return
    chosen = fewest_indices(part.frames, part.boxes_xyxy, tolerances(part.boxes_xyxy))
    upto = np.append(chosen[1:], len(part.frames))
    turn = short_arc(gap.last_box.rotation - gap.first_box.rotation)
    for at, until in zip(chosen.tolist(), upto.tolist(), strict=True):
        frame = int(part.frames[at])
        if frame == gap.last:
            return
        x1, y1, x2, y2 = part.boxes_xyxy[at].tolist()
        turned = gap.first_box.rotation + turn * (frame - gap.first) / (gap.last - gap.first)
        score = float(part.scores[at:until].mean())
        geometry = Box(x1=x1, y1=y1, x2=x2, y2=y2, rotation=round(turned, 2))
        yield Keyframe(frame=frame, geometry=geometry, occluded=gap.occluded, source="quick", score=round(score, 3))


def _boxes(gap: GapTask, trajectory: Trajectory, frame_wh: tuple[int, int]) -> Float64Array:
    """[n, 4] x1, y1, x2, y2 before rotation; both ends exactly as the person set them.

    The upright rectangle around a rotated box is tracked; the box inside keeps its share of the rectangle, which
    changes evenly between the keyframes.
    """
    ends = np.stack([_sides(gap.first_box), _sides(gap.last_box)])
    around = np.stack([_upright(gap.first_box), _upright(gap.last_box)])
    first, last = cxcywh_of(ends)[:, 2:].clip(min=TINY) / cxcywh_of(around)[:, 2:].clip(min=TINY)
    shares = first * (last / first) ** np.linspace(0, 1, len(trajectory.boxes_cxcywh))[:, None]
    upright = clip_to_image(xyxy_of(median_filter(trajectory.boxes_cxcywh)), frame_wh)
    calm = smooth(TrackSegment(np.arange(gap.first, gap.last + 1), upright, trajectory.scores), SMOOTHING_RADIUS)
    boxes_cxcywh = cxcywh_of(calm.boxes_xyxy)
    boxes = xyxy_of(np.concatenate([boxes_cxcywh[:, :2], boxes_cxcywh[:, 2:] * shares], axis=1)).round(2)
    boxes[[0, -1]] = ends
    return boxes


def _sides(box: Box) -> Float64Array:
    return np.array([box.x1, box.y1, box.x2, box.y2], np.float64)


def _upright(box: Box) -> Float64Array:
    """[4] the upright rectangle around a rotated box."""
    x, y, width, height = cxcywh_of(_sides(box))
    angle = np.deg2rad(box.rotation)
    cosine, sine = abs(np.cos(angle)), abs(np.sin(angle))
    return xyxy_of(np.array([x, y, width * cosine + height * sine, width * sine + height * cosine]))
