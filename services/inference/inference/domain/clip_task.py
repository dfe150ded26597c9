"""A task on one clip."""

from dataclasses import dataclass

from common.contract.clips import ClipIndex
from common.contract.errors import Problem, reason_for
from common.contract.events import LabelClip, LabelsSuggested
from common.contract.labels import Suggestions
from common.contract.media import Medium
from common.contract.questions import ClipRendition


@dataclass(frozen=True, slots=True)
class ClipTask:
    """Frames first…last of a medium; `ends_medium`: no clip follows; `size_wh`: the frame size, if known."""

    project_id: str
    run_id: str
    media_id: str
    clip: int
    first: int
    last: int
    ends_medium: bool
    size_wh: tuple[int, int] | None = None

    @property
    def id(self) -> str:
        """The id of the task."""
        return f"{self.run_id}.{self.media_id}.{self.clip}"

    @property
    def frame_count(self) -> int:
        """The number of frames."""
        return self.last - self.first + 1

    def job(self) -> LabelClip:
        """The job that labels the clip."""
        return LabelClip(project_id=self.project_id, run_id=self.run_id, media_id=self.media_id, clip=self.clip)

    def suggested(self, found: Suggestions, key: str, accept: str, author: str) -> LabelsSuggested:
        """The fact that its suggestions are stored under `key`."""
        return LabelsSuggested.model_validate(
            {
                "project_id": self.project_id,
                "run_id": self.run_id,
                "media_id": self.media_id,
                "clip": self.clip,
                "first": self.first,
                "last": self.last,
                "object_key": key,
                "count": len(found.tracks),
                "model": found.model,
                "accept": accept,
                "author": author,
            }
        )


def displayed_wh(index: ClipIndex) -> tuple[int, int]:
    """The size of a clip's frames, upright."""
    return (index.height, index.width) if index.rotation in (90, 270) else (index.width, index.height)


def index_of_frames(index: ClipIndex, first: int, last: int) -> tuple[ClipIndex, int]:
    """The index of those of frames first…last that a clip holds, with only the segments that they need, and the bytes
    of samples that come before them."""
    first, last = max(first, index.first), min(last, index.last)
    shown = [part for part in index.segments if part.first <= last and part.first + part.count > first]
    start, end = shown[0].sample, len(index.sample_size)
    after = [part.sample for part in index.segments if part.sample > shown[-1].sample]
    samples = slice(start, min([end, *after]))
    change = {
        "first": first,
        "count": last - first + 1,
        "segments": shown,
        "sample_size": index.sample_size[samples],
        "sample_frame": index.sample_frame[samples],
        "pts": index.pts[first - index.first : last - index.first + 1],
    }
    return index.model_copy(update=change), shown[0].offset


def unusable(medium: Medium) -> Problem:
    """The problem of a medium that failed."""
    reason = medium.reason or reason_for("processing_failed_repeatedly")
    return Problem.of_field("media", "file_not_usable", name=medium.name, reason=reason)


def choose_clips(run_id: str, medium: Medium, shown: list[ClipRendition], wanted: list[int] | None) -> list[ClipTask]:
    """The clips of a medium to label: all, or those of `wanted` that it has. A medium that is still being processed can
    be labeled if the wanted clips are ready.

    Raises:
        Problem: the medium failed or is not ready.
    """
    if medium.state == "failed":
        raise unusable(medium)
    chosen = [clip for clip in shown if wanted is None or clip.clip in wanted]
    if medium.state == "processing" and (wanted is None or {clip.clip for clip in chosen} < set(wanted)):
        raise Problem("file_not_ready", name=medium.name)
    return [
        ClipTask(
            project_id=medium.project_id,
            run_id=run_id,
            media_id=medium.id,
            clip=clip.clip,
            first=clip.first,
            last=clip.last,
            ends_medium=medium.frame_count is not None and clip.last + 1 >= medium.frame_count,
            size_wh=(medium.width, medium.height) if medium.width and medium.height else None,
        )
        for clip in chosen
    ]
