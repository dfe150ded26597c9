"""What ingest tells: media and their bytes."""

from common.contract.events.event import MediaEvent
from common.contract.media import Conditions, Kind


class MediaStored(MediaEvent):
    """The bytes of a medium are in S3, and are what its name and kind say."""

    type = "media.stored"
    stream = "MEDIA"
    by = "ingest"

    kind: Kind
    name: str
    object_key: str
    content_type: str
    size_bytes: int
    conditions: Conditions
    author: str


class MediaHashed(MediaEvent):
    """The SHA-256 of a medium's bytes is known."""

    type = "media.hashed"
    stream = "MEDIA"
    by = "ingest"

    sha256: str


class MediaDeleted(MediaEvent):
    """A medium is gone; whoever holds something made from it lets go of it."""

    type = "media.deleted"
    stream = "MEDIA"
    by = "ingest"


class HashMedium(MediaEvent):
    """Job: read a stored medium once and compute its SHA-256."""

    type = "job.hash_medium"
    stream = "INGEST_JOBS"
    by = "ingest"

    object_key: str
    size_bytes: int
    expected_sha256: str | None = None
