"""A task on the gap between two manual keyframes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from common.contract.clips import FRAMES_PER_CLIP
from common.contract.errors import Problem
from common.contract.events import LabelsTracked, TrackObject
from common.contract.labels import Keyframe, ObjectState
from common.contract.media import Medium
from common.contract.questions import ClipRendition, StartRun
from common.geometry.types import Box
from inference.domain.clip_task import unusable

MANUAL_SOURCES = ("manual", "import")
# The cropped frames of a gap are kept in memory.
MAX_GAP_FRAMES = FRAMES_PER_CLIP


@dataclass(frozen=True, slots=True)
class GapTask:
    """Frames first…last of a medium, on both of which a person set the box of an object. The object `vanishes` on
    `last`, or is in view there; `clip` is the clip of `first`; `size_wh` the frame size, if known; `stopped_at` the
    frame at which the object was lost, once that is known."""

    project_id: str
    run_id: str
    media_id: str
    object_id: str
    category: str
    clip: int
    first: int
    last: int
    first_box: Box
    last_box: Box
    vanishes: bool
    occluded: bool = False
    size_wh: tuple[int, int] | None = None
    stopped_at: int | None = None

    @property
    def id(self) -> str:
        """The id of the task."""
        return f"{self.run_id}.{self.object_id}.{self.first}.{self.last}"

    @property
    def frame_count(self) -> int:
        """The number of frames to fill."""
        return self.last - self.first - 1

    def job(self) -> TrackObject:
        """The job that fills the gap."""
        return TrackObject(
            project_id=self.project_id,
            run_id=self.run_id,
            media_id=self.media_id,
            object_id=self.object_id,
            first=self.first,
            last=self.last,
        )

    def tracked(self, key: str, author: str) -> LabelsTracked:
        """The fact that its keyframes are stored under `key`."""
        job = self.job().model_dump()
        return LabelsTracked(**job, object_key=key, stopped_at=self.stopped_at, author=author)

    def stopped(self, at: int | None) -> "GapTask":
        """The gap, with the frame at which the object was lost."""
        return replace(self, stopped_at=at)


def choose_gaps(
    question: StartRun, medium: Medium, state: ObjectState, shown: Sequence[ClipRendition]
) -> list[GapTask]:
    """The gaps to fill: those between neighboring manual keyframes, from `question.first` to `question.last`, which
    must be such keyframes; all if they are not given. If both are the same frame, the gap around that frame.

    Raises:
        Problem: there is no gap that can be filled.
    """
    if state.annotation_type != "bbox":
        raise Problem.of_field("object_id", "quick_label_needs_box", annotation_type=state.annotation_type)
    manual = sorted((kept for kept in state.keyframes if kept.source in MANUAL_SOURCES), key=lambda kept: kept.frame)
    if len(manual) < 2:
        raise Problem("quick_label_needs_keyframes")
    gaps = [
        _gap(question, medium, state, shown, pair)
        for pair in pairwise(_chosen(question, manual))
        if pair[1].frame - pair[0].frame > 1 and not pair[0].outside
    ]
    if not gaps:
        raise Problem("no_frames_to_fill")
    return gaps


def _chosen(question: StartRun, manual: list[Keyframe]) -> list[Keyframe]:
    first = manual[0].frame if question.first is None else question.first
    last = manual[-1].frame if question.last is None else question.last
    if first == last and (around := [pair for pair in pairwise(manual) if pair[0].frame < first < pair[1].frame]):
        return list(around[0])
    frames = {keyframe.frame for keyframe in manual}
    for field, frame in (("first", first), ("last", last)):
        if frame not in frames:
            raise Problem.of_field(field, "keyframe_not_manual", frame=frame)
    return [keyframe for keyframe in manual if first <= keyframe.frame <= last]


def _gap(
    question: StartRun,
    medium: Medium,
    state: ObjectState,
    shown: Sequence[ClipRendition],
    pair: tuple[Keyframe, Keyframe],
) -> GapTask:
    start, end = pair
    return GapTask(
        project_id=question.project_id,
        run_id=question.run_id,
        media_id=medium.id,
        object_id=state.id,
        category=state.category,
        clip=_first_clip(medium, shown, start.frame, end.frame),
        first=start.frame,
        last=end.frame,
        first_box=_box(start),
        last_box=_box(end),
        vanishes=end.outside,
        occluded=start.occluded,
        size_wh=(medium.width, medium.height) if medium.width and medium.height else None,
    )


def _box(keyframe: Keyframe) -> Box:
    assert isinstance(keyframe.geometry, Box)
    return keyframe.geometry


def _first_clip(medium: Medium, shown: Sequence[ClipRendition], first: int, last: int) -> int:
    """The clip that `first` lies in. Raises Problem if frames first…last are too many or cannot be shown."""
    if last - first > MAX_GAP_FRAMES:
        raise Problem("keyframes_too_far_apart", first=first, last=last, limit=MAX_GAP_FRAMES)
    if clips := clips_between(shown, first, last):
        return clips[0].clip
    raise _unshown(medium)


def clips_between(shown: Sequence[ClipRendition], first: int, last: int) -> list[ClipRendition]:
    """The clips that show frames first…last, in order; none if they do not show all of them."""
    clips = sorted((clip for clip in shown if clip.first <= last and clip.last >= first), key=lambda clip: clip.first)
    whole = clips and clips[0].first <= first and clips[-1].last >= last
    touching = all(left.last + 1 == right.first for left, right in pairwise(clips))
    return clips if whole and touching else []


def _unshown(medium: Medium) -> Problem:
    if medium.state == "failed":
        return unusable(medium)
    if medium.state == "ready":
        return Problem("frames_missing", name=medium.name)
    return Problem("file_not_ready", name=medium.name)
