"""Media as JSON."""

from pydantic import BaseModel

from common.contract.errors import Reason
from common.contract.media import ClipSummary, Fov, Kind, LabelState, Lighting, MediaState, Medium, Weather


class MediumJson(BaseModel):
    """An image or a video. `reason` is set if processing failed; the dimensions are known once it is decoded."""

    id: str
    project_id: str
    name: str
    kind: Kind
    state: MediaState
    reason: Reason | None
    label_state: LabelState
    objects: int
    weather: Weather
    lighting: Lighting
    fov: Fov
    content_type: str
    size_bytes: int
    sha256: str | None
    width: int | None
    height: int | None
    fps: float | None
    frame_count: int | None
    duration_s: float | None
    clips: list[ClipSummary]
    created_at: float
    author: str


def medium_json(medium: Medium) -> MediumJson:
    """A medium, with its conditions beside its other fields."""
    flat = medium.model_dump(exclude={"conditions"}) | medium.conditions.model_dump()
    return MediumJson.model_validate(flat)
