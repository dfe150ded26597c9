"""Questions to ingest: uploads and media."""

from pydantic import Field

from common.contract.labels import Id
from common.contract.media import Conditions, Kind, LabelState, MediaState, Medium, Sha256, Upload
from common.contract.model import Model
from common.contract.questions.question import Empty, Page, ProjectPageQuestion, Question


class StartUpload(Question[Upload], to="ingest"):
    """Start a resumable upload. Idempotent by `idempotency_key`."""

    project_id: Id
    name: str = Field(min_length=1, max_length=255)
    size_bytes: int = Field(ge=0)
    kind: Kind
    conditions: Conditions
    sha256: Sha256 | None = None
    idempotency_key: str | None = Field(default=None, max_length=200)
    author: str


class GetUpload(Question[Upload], to="ingest"):
    """An upload with its stored parts."""

    upload_id: Id


class PartUrl(Model):
    """A presigned URL for the PUT of one part of exactly `size_bytes` bytes."""

    url: str
    size_bytes: int


class PresignPart(Question[PartUrl], to="ingest"):
    """Get the upload URL of part `number` (from 1). A wrong size is refused."""

    upload_id: Id
    number: int = Field(ge=1, le=10_000)
    size_bytes: int = Field(ge=0)


class FinishUpload(Question[Medium], to="ingest", timeout_s=60.0):
    """Join the parts, check the content and create the medium. Idempotent."""

    upload_id: Id


class AbortUpload(Question[Empty], to="ingest"):
    """Abort an upload. Its parts are deleted."""

    upload_id: Id


class GetMedium(Question[Medium], to="ingest"):
    """One medium."""

    media_id: Id


class MediaList(Page):
    """A page of media."""

    items: list[Medium]


class ListMedia(ProjectPageQuestion[MediaList], to="ingest"):
    """The media of a project, newest first."""

    state: MediaState | None = None
    label_state: LabelState | None = None
    kind: Kind | None = None
    q: str | None = Field(default=None, max_length=200)
    media: list[Id] | None = None


class DeleteMedium(Question[Empty], to="ingest"):
    """Delete a medium and everything derived from it."""

    media_id: Id
    delete_source: bool = True
