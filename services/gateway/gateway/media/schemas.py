"""Media and uploads as JSON: flat, as people read them."""

from pydantic import BaseModel

from common.contract.errors import Reason
from common.contract.media import ClipSummary, Fov, Kind, LabelState, Lighting, MediaState, Medium, Upload, Weather


class MediumJson(BaseModel):
    """An image or a video. `reason` of a failed one; sizes are known once it is decoded."""

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


class PartJson(BaseModel):
    """A part that is stored."""

    number: int
    size_bytes: int


class UploadJson(BaseModel):
    """An upload: cut the file into pieces of `part_size_bytes` (the last may be smaller) and send those not in
    `parts`."""

    id: str
    project_id: str
    media_id: str
    name: str
    size_bytes: int
    part_size_bytes: int
    parts: list[PartJson]
    state: str


def medium_json(medium: Medium) -> MediumJson:
    """A medium, its conditions beside its other fields."""
    flat = medium.model_dump(exclude={"conditions"}) | medium.conditions.model_dump()
    return MediumJson.model_validate(flat)


def upload_json(upload: Upload) -> UploadJson:
    """An upload, its parts in order."""
    parts = [PartJson(number=number, size_bytes=size) for number, size in sorted(upload.parts.items())]
    return UploadJson(**upload.model_dump(exclude={"parts"}), parts=parts)
