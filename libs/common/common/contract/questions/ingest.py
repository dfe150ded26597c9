"""What ingest is asked: uploads and media."""

from pydantic import Field

from common.contract.labels import Id
from common.contract.media import Conditions, Kind, LabelState, MediaState, Medium, Sha256, Upload
from common.contract.model import Model
from common.contract.questions.question import Empty, PageRequest, Question


class StartUpload(Question[Upload]):
    """Begin (or find again, by `idempotency_key`) a resumable upload."""

    to = "ingest"

    project_id: Id
    name: str = Field(min_length=1, max_length=255)
    size_bytes: int = Field(ge=0)
    kind: Kind
    conditions: Conditions
    sha256: Sha256 | None = None
    idempotency_key: str | None = Field(default=None, max_length=200)
    author: str


class GetUpload(Question[Upload]):
    """An upload with the parts already stored."""

    to = "ingest"

    upload_id: Id


class PartUrl(Model):
    """Where the bytes of one part go: a presigned address, for exactly `size_bytes` bytes by PUT."""

    url: str
    size_bytes: int


class PresignPart(Question[PartUrl]):
    """Ask where part `number` (from 1) of `size_bytes` bytes may be put; a wrong size is refused."""

    to = "ingest"

    upload_id: Id
    number: int = Field(ge=1, le=10_000)
    size_bytes: int = Field(ge=0)


class FinishUpload(Question[Medium]):
    """Join the parts, look at the real content, and make it a medium; twice gives the same medium."""

    to = "ingest"
    timeout_s = 60.0

    upload_id: Id


class AbortUpload(Question[Empty]):
    """Give up an upload; its parts go."""

    to = "ingest"

    upload_id: Id


class GetMedium(Question[Medium]):
    """One medium."""

    to = "ingest"

    media_id: Id


class MediaList(Model):
    """A page of media."""

    items: list[Medium]
    next_cursor: str | None = None


class ListMedia(Question[MediaList]):
    """The media of a project, newest first."""

    to = "ingest"

    project_id: Id
    page: PageRequest = PageRequest()
    state: MediaState | None = None
    label_state: LabelState | None = None
    kind: Kind | None = None
    q: str | None = Field(default=None, max_length=200)
    media: list[Id] | None = None


class DeleteMedium(Question[Empty]):
    """Delete a medium and all that was made from it."""

    to = "ingest"

    media_id: Id
    delete_source: bool = True
