"""Uploads as JSON."""

from typing import Any

from pydantic import BaseModel, Field

from common.contract.media import Conditions, Fov, Kind, Lighting, Sha256, Upload, Weather
from gateway.http.validation import RequestModel


class UploadConditions(RequestModel):
    """The properties that every upload needs."""

    kind: Kind
    weather: Weather
    lighting: Lighting
    fov: Fov

    @property
    def conditions(self) -> Conditions:
        """The recording conditions."""
        return Conditions(weather=self.weather, lighting=self.lighting, fov=self.fov)


class NewUpload(UploadConditions):
    """A file to upload."""

    name: str = Field(min_length=1, max_length=255)
    size_bytes: int = Field(ge=0)
    sha256: Sha256 | None = None


class PartJson(BaseModel):
    """A stored part."""

    number: int
    size_bytes: int


class UploadJson(BaseModel):
    """An upload. Split the file into parts of `part_size_bytes` (the last may be smaller), and send those that `parts`
    does not list."""

    id: str
    project_id: str
    media_id: str
    name: str
    size_bytes: int
    part_size_bytes: int
    parts: list[PartJson]
    state: str


def upload_json(upload: Upload) -> UploadJson:
    """An upload with its parts in order."""
    parts = [PartJson(number=number, size_bytes=size) for number, size in sorted(upload.parts.items())]
    return UploadJson(**upload.model_dump(exclude={"parts"}), parts=parts)


UPLOAD_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["file", "kind", "weather", "lighting", "fov"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "name": {"type": "string", "description": "Defaults to the name of the file."},
                        **UploadConditions.model_json_schema()["properties"],
                    },
                }
            }
        },
    }
}
