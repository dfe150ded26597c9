"""What a quick run says of a gap: few keyframes strictly inside it, and where it lost the object."""

from collections.abc import Iterator

import numpy as np

from common.contract.labels import Keyframe, Suggestion, Suggestions
from common.geometry.simplify import fewest_indices
from common.geometry.types import Box
from inference.domain.cxcywh import Doubles, boxes_of, places_of, prior, within
from inference.domain.fusion import Way, lost, steadied, stretches
from inference.domain.gap_task import GapOfRun
from inference.domain.track_segment import Stretch, smoothed, tolerances

SMOOTHED_OVER = 3
TINY = 1e-3


def expected_in(gap: GapOfRun, frame_wh: tuple[int, int]) -> Doubles:
    """[n, 4] where the object is on frames first…last if it moves evenly, as upright places within the picture."""
    first, last = (places_of(within(_upright(box), frame_wh)) for box in (gap.first_box, gap.last_box))
    return prior(first, last, gap.last - gap.first + 1)


def filled(gap: GapOfRun, model: str, way: Way, frame_wh: tuple[int, int]) -> tuple[Suggestions, int | None]:
    """The keyframes of source `quick` that fill a gap, and the first frame on which the object is lost.

    They are as few as stay within the tolerance. The frame after the first keyframe is always one of them: what is
    computed from it is then known to be quick label's. Each has the mean score of the frames up to the next one.
    """
    gone = lost(way)
    dense = Stretch(np.arange(gap.first, gap.last + 1), _boxes(gap, way, frame_wh), way.scores)
    keyframes = [keyframe for start, end in stretches(~gone) for keyframe in _keyframes(gap, dense, max(start, 1), end)]
    kept = way.scores[1:-1][~gone[1:-1]]
    track = Suggestion(
        id=gap.object_id,
        label=gap.category,
        score=round(float(kept.mean()), 3) if len(kept) else 0.0,
        keyframes=keyframes,
    )
    stopped_at = gap.first + int(np.argmax(gone)) if gone.any() else None
    found = Suggestions(run_id=gap.run_id, media_id=gap.media_id, clip=gap.clip, model=model, tracks=[track])
    return found, stopped_at


def _keyframes(gap: GapOfRun, dense: Stretch, start: int, end: int) -> Iterator[Keyframe]:
    """The keyframes of frames start…end-1 (indices), without the gap's own last one."""
    part = Stretch(dense.frames[start:end], dense.boxes_xyxy[start:end], dense.scores[start:end])
    if not len(part.frames):
        return
    chosen = fewest_indices(part.frames, part.boxes_xyxy, tolerances(part.boxes_xyxy))
    upto = np.append(chosen[1:], len(part.frames))
    turn = _short_arc(gap.last_box.rotation - gap.first_box.rotation)
    for at, until in zip(chosen.tolist(), upto.tolist(), strict=True):
        frame = int(part.frames[at])
        if frame == gap.last:
            return
        x1, y1, x2, y2 = part.boxes_xyxy[at].tolist()
        turned = gap.first_box.rotation + turn * (frame - gap.first) / (gap.last - gap.first)
        score = float(part.scores[at:until].mean())
        geometry = Box(x1=x1, y1=y1, x2=x2, y2=y2, rotation=round(turned, 2))
        yield Keyframe(frame=frame, geometry=geometry, occluded=gap.occluded, source="quick", score=round(score, 3))


def _boxes(gap: GapOfRun, way: Way, frame_wh: tuple[int, int]) -> Doubles:
    """[n, 4] x1, y1, x2, y2 before turning; both ends exactly as the person set them.

    What was followed is the upright rectangle around a turned box; the box in it keeps the share of it that goes
    evenly from one keyframe to the other.
    """
    ends = np.stack([_sides(gap.first_box), _sides(gap.last_box)])
    around = np.stack([_upright(gap.first_box), _upright(gap.last_box)])
    first, last = places_of(ends)[:, 2:].clip(min=TINY) / places_of(around)[:, 2:].clip(min=TINY)
    shares = first * (last / first) ** np.linspace(0, 1, len(way.places))[:, None]
    upright = within(boxes_of(steadied(way.places)), frame_wh)
    calm = smoothed(Stretch(np.arange(gap.first, gap.last + 1), upright, way.scores), SMOOTHED_OVER)
    places = places_of(calm.boxes_xyxy)
    boxes = boxes_of(np.concatenate([places[:, :2], places[:, 2:] * shares], axis=1)).round(2)
    boxes[[0, -1]] = ends
    return boxes


def _sides(box: Box) -> Doubles:
    return np.array([box.x1, box.y1, box.x2, box.y2], np.float64)


def _upright(box: Box) -> Doubles:
    """[4] the upright rectangle around a turned box."""
    x, y, width, height = places_of(_sides(box))
    angle = np.deg2rad(box.rotation)
    cosine, sine = abs(np.cos(angle)), abs(np.sin(angle))
    return boxes_of(np.array([x, y, width * cosine + height * sine, width * sine + height * cosine]))


def _short_arc(degrees: float) -> float:
    return 180.0 - (180.0 - degrees) % 360.0
