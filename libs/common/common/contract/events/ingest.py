"""Events of ingest: media and their bytes."""

from common.contract.events.event import MediaEvent
from common.contract.media import Conditions, Kind


class MediaStored(MediaEvent, type="media.stored", stream="MEDIA", by="ingest"):
    """The bytes of a medium are in S3, and their content matches the medium's name and kind."""

    kind: Kind
    name: str
    object_key: str
    content_type: str
    size_bytes: int
    conditions: Conditions
    author: str


class MediaHashed(MediaEvent, type="media.hashed", stream="MEDIA", by="ingest"):
    """The SHA-256 of a medium's bytes is known."""

    sha256: str


class MediaDeleted(MediaEvent, type="media.deleted", stream="MEDIA", by="ingest"):
    """A medium was deleted. Consumers delete derived data."""


class HashMedium(MediaEvent, type="job.hash_medium", stream="INGEST_JOBS", by="ingest"):
    """Job: read a stored medium once and compute its SHA-256."""

    object_key: str
    size_bytes: int
    expected_sha256: str | None = None
