"""Media, their uploads and their clips."""

from typing import Annotated, Literal

from pydantic import Field

from common.contract.errors import Reason
from common.contract.labels import Id
from common.contract.model import Model

Kind = Literal["image", "video"]
MediaState = Literal["processing", "ready", "failed"]
LabelState = Literal["unlabeled", "auto", "labeled"]
Weather = Literal["Sunny", "Cloudy", "Rainy", "Foggy", "Snowy", "Other", "Unknown"]
Lighting = Literal["Day", "Dawn/Dusk", "Night", "Backlight", "Tunnel", "Unknown"]
Fov = Literal["≤40", "40–60", "60–90", "90–120", ">120 (fisheye)", "Unknown"]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Conditions(Model):
    """The conditions under which a medium was recorded."""

    weather: Weather
    lighting: Lighting
    fov: Fov


class Footage(Model):
    """Properties found by decoding a medium: display size (rotation applied), frame rate, exact frame count."""

    width: int = Field(gt=0)
    height: int = Field(gt=0)
    fps: float = Field(gt=0)
    frame_count: int = Field(ge=1)
    duration_s: float = Field(ge=0)
    clip_count: int = Field(ge=1)


class ClipSummary(Model):
    """One clip in a media list. Frames first…last, inclusive."""

    index: int
    first: int
    last: int
    state: Literal["processing", "ready", "failed"]
    label_state: LabelState = "unlabeled"
    objects: int = 0


class Medium(Model):
    """An image or a video. Properties that are not known yet are null."""

    id: Id
    project_id: Id
    name: str
    kind: Kind
    state: MediaState
    reason: Reason | None = None
    label_state: LabelState = "unlabeled"
    objects: int = 0
    conditions: Conditions
    content_type: str
    size_bytes: int
    sha256: str | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    frame_count: int | None = None
    duration_s: float | None = None
    clips: list[ClipSummary] = []
    created_at: float
    author: str


class Upload(Model):
    """An upload. `parts` maps the numbers (from 1) of the stored parts to their sizes."""

    id: Id
    project_id: Id
    media_id: Id
    name: str
    size_bytes: int
    part_size_bytes: int
    parts: dict[int, int] = {}
    state: Literal["open", "complete", "aborted"]
