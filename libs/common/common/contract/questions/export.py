"""What export is asked: formats and exports."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, FiniteFloat

from common.contract.errors import Reason
from common.contract.events import ExportState
from common.contract.labels import Id, Source
from common.contract.model import Model
from common.contract.questions.question import PageRequest, Question


class Format(Model):
    """An archive format, what it is good for and what it cannot carry."""

    name: str
    can_export: bool
    can_import: bool
    cannot_carry: list[Reason]


class FormatList(Model):
    """All formats."""

    items: list[Format]


class ListFormats(Question[FormatList]):
    """The formats there are."""

    to = "export"


class Loss(Model):
    """What an export lost or changed, and how often."""

    reason: Reason
    count: int


Share = Annotated[FiniteFloat, Field(ge=0, le=1_000_000)]


class SubsetSplit(Model):
    """How media are divided into subsets: in the ratio of these shares, whole media only, by lot. The same media and
    the same `seed` fall the same way every time."""

    train: Share = 0.8
    val: Share = 0.1
    test: Share = 0.1
    seed: Annotated[int, Field(ge=0, lt=2**53)] = 0


class ExportChoices(Model):
    """What of the chosen files, classes and annotation types goes into an archive: everything, unless it says less.

    `sources` are those of objects; `done_only` takes the objects that were ticked. `labeled_only` leaves out media
    without any label that is taken, or frames of videos too. Of videos, every `frame_step`-th frame is taken, and with
    `keyframes_only` only those on which somebody or something set an object. With `images_as` originals, a video goes
    as the file that was uploaded, instead of the pictures of its frames; images always go as they were uploaded.
    """

    sources: list[Source] | None = None
    done_only: bool = False
    labeled_only: Literal["media", "frames"] | None = None
    save_images: bool = False
    images_as: Literal["frames", "originals"] = "frames"
    frame_step: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    keyframes_only: bool = False
    split: SubsetSplit | None = None


class ExternalBucket(Model):
    """A folder in a bucket of someone else's S3: where an archive goes instead of ours, or labels come from."""

    endpoint: Annotated[str, Field(max_length=300)]
    bucket: Annotated[str, Field(max_length=63)]
    folder: Annotated[str, Field(max_length=500)] = ""
    region: Annotated[str, Field(max_length=40)] = "us-east-1"


class S3Target(ExternalBucket):
    """Such a place with the keys to it, which are used once and never shown."""

    model_config = ConfigDict(hide_input_in_errors=True)

    access_key: Annotated[str, Field(max_length=512, repr=False)]
    secret_key: Annotated[str, Field(max_length=512, repr=False)]


class Export(ExportChoices):
    """An export: what was asked and what became of it."""

    id: Id
    project_id: Id
    name: str
    format: str
    media: list[Id] | None
    classes: list[str] | None
    annotation_types: list[str] | None
    save_images: bool
    target: ExternalBucket | None = None
    version: Id | None = None
    state: ExportState
    progress: float
    size_bytes: int | None = None
    sha256: str | None = None
    object_key: str | None = None
    dropped: list[Loss] = []
    reason: Reason | None = None
    author: str
    created_at: float


class StartExport(ExportChoices, Question[Export]):
    """Write an archive of a project's labels, as they are or as they are in a dataset `version`; the same `export_id`
    again is the same export."""

    to = "export"

    export_id: Id
    project_id: Id
    name: str = Field(min_length=1, max_length=120)
    format: str
    media: list[Id] | None = None
    classes: list[str] | None = None
    annotation_types: list[str] | None = None
    target: S3Target | None = None
    version: Id | None = None
    author: str


class GetExport(Question[Export]):
    """One export."""

    to = "export"

    export_id: Id


class ExportList(Model):
    """Exports, newest first."""

    items: list[Export]
    next_cursor: str | None = None


class ListExports(Question[ExportList]):
    """The exports of a project."""

    to = "export"

    project_id: Id
    page: PageRequest = PageRequest()


class CancelExport(Question[Export]):
    """Stop an export; nothing of it stays."""

    to = "export"

    export_id: Id
