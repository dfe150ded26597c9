"""Media and their clips as they are stored, and the footage of a medium."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from common.contract.clips import Rendition
from common.contract.errors import Reason
from common.contract.media import Footage
from frames.domain.gops import ClipPlan, frame_rate

MediaState = Literal["planning", "planned", "failed", "deleted"]
PREFERRED: dict[str, tuple[Rendition, ...]] = {
    "seeking": ("proxy", "copy", "still"),
    "detail": ("copy", "proxy", "still"),
}


@dataclass(frozen=True, slots=True)
class MediaRecord:
    """A medium and its source in S3; `video` are the properties that planning found, and `footage` is known once all
    frames are counted."""

    media_id: str
    project_id: str
    kind: Literal["image", "video"]
    object_key: str
    content_type: str
    size_bytes: int
    state: MediaState
    video: dict[str, Any] = field(default_factory=dict)
    footage: Footage | None = None
    reason: Reason | None = None

    @property
    def rate(self) -> float:
        """Frames per second, also before all frames are counted."""
        return float(self.video.get("rate") or 1.0)

    @property
    def is_open(self) -> bool:
        """Whether it is neither failed nor deleted."""
        return self.state in ("planning", "planned")


@dataclass(frozen=True, slots=True)
class ClipRecord:
    """A planned clip: its frames, and the renditions that exist."""

    clip: int
    first: int
    last: int
    can_copy: bool
    is_seekable: bool
    renditions: frozenset[Rendition]

    def best(self, purpose: str) -> Rendition | None:
        """The rendition that seeks fastest, or has most detail."""
        return next((rendition for rendition in PREFERRED[purpose] if rendition in self.renditions), None)

    @property
    def needs_copy(self) -> bool:
        """Whether the copy is the next rendition to make."""
        return self.can_copy and not self.renditions

    @property
    def needs_proxy(self) -> bool:
        """Whether a proxy is still to be made."""
        return not (self.can_copy and self.is_seekable) and not self.renditions & {"proxy", "still"}


@dataclass(frozen=True, slots=True)
class PlannedClip:
    """A clip that can still be worked on, with its medium and plan."""

    medium: MediaRecord
    plan: ClipPlan
    clip: ClipRecord


def video_footage(video: dict[str, Any], end: dict[str, Any], first_pts: int, clip_count: int) -> Footage:
    """The footage of a video whose frames are all counted."""
    numerator, denominator = video["time_base"]
    shown_s = (end["last_pts"] - first_pts) * numerator / denominator
    rate = frame_rate(end["frame_count"], shown_s, video["rate"])
    return Footage(
        width=video["width"],
        height=video["height"],
        fps=rate,
        frame_count=end["frame_count"],
        duration_s=shown_s + 1 / rate,
        clip_count=clip_count,
    )


def image_footage(width: int, height: int) -> Footage:
    """An image is a single frame without duration."""
    return Footage(width=width, height=height, fps=1.0, frame_count=1, duration_s=0, clip_count=1)


def seek_points(plans: Sequence[ClipPlan], frames: Iterable[int]) -> list[dict[str, Any]]:
    """The packets to start decoding at for `frames` (sorted), each with the frames and packets that follow it."""
    found: list[dict[str, Any]] = []
    for frame in frames:
        plan = next(plan for plan in plans if plan.first <= frame <= plan.last)
        start = plan.gop_of(frame).start
        packet = [start.number, start.time, start.position, start.size]
        if not found or found[-1]["start"] != packet:
            found.append({"start": packet, "frames": []})
        found[-1]["frames"].append((frame, plan.frames(frame, frame)[0][0]))
    return found
