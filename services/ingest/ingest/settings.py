"""Settings of the ingest service."""

from datetime import timedelta

from pydantic import Field

from common.service.settings import Settings


class IngestSettings(Settings):
    """Limits of files, and how long unfinished uploads are kept."""

    upload_part_bytes: int = Field(default=8 * 1024 * 1024, ge=5 * 1024 * 1024)
    upload_max_video_bytes: int = 200 * 1024**3
    upload_max_image_bytes: int = 500 * 1024**2
    upload_max_pixels: int = 200_000_000
    upload_kept: timedelta = timedelta(days=7)
