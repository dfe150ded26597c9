"""Questions to export: formats and exports."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, FiniteFloat

from common.contract.errors import Reason
from common.contract.events import ExportState
from common.contract.labels import Id, Source
from common.contract.model import Model
from common.contract.questions.question import Page, ProjectPageQuestion, Question


class Format(Model):
    """An archive format: whether it can be exported and imported, and what it cannot hold."""

    name: str
    can_export: bool
    can_import: bool
    cannot_carry: list[Reason]


class FormatList(Model):
    """The answer to `ListFormats`."""

    items: list[Format]


class ListFormats(Question[FormatList], to="export"):
    """All formats."""


class Loss(Model):
    """A kind of loss in an export, and how often it occurred."""

    reason: Reason
    count: int


Share = Annotated[FiniteFloat, Field(ge=0, le=1_000_000)]


class SubsetSplit(Model):
    """How media are split into subsets: at random in the ratio of these shares, each medium as a whole. The same media
    and the same `seed` always give the same split."""

    train: Share = 0.8
    val: Share = 0.1
    test: Share = 0.1
    seed: Annotated[int, Field(ge=0, lt=2**53)] = 0


class ExportChoices(Model):
    """Filters on the selected media, classes and annotation types, and how images are written.

    `sources` limits the sources of objects, `done_only` exports only objects marked as done. `labeled_only` skips media
    without exported labels, or also such frames of videos. `frame_step` exports every n-th frame of a video,
    `keyframes_only` only frames with a keyframe. With `images_as` originals, a video is exported as the uploaded file
    instead of one image per frame. Images are always exported as uploaded.
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
    """A folder in an external S3 bucket: the destination of an export or the source of an import."""

    endpoint: Annotated[str, Field(max_length=300)]
    bucket: Annotated[str, Field(max_length=63)]
    folder: Annotated[str, Field(max_length=500)] = ""
    region: Annotated[str, Field(max_length=40)] = "us-east-1"


class S3Target(ExternalBucket):
    """An external S3 bucket with credentials. They are used once and never shown."""

    model_config = ConfigDict(hide_input_in_errors=True)

    access_key: Annotated[str, Field(max_length=512, repr=False)]
    secret_key: Annotated[str, Field(max_length=512, repr=False)]


class Export(ExportChoices):
    """An export: the request and its outcome."""

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


class StartExport(ExportChoices, Question[Export], to="export"):
    """Write an archive of a project's current labels, or of those in a dataset `version`. Idempotent by `export_id`."""

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


class GetExport(Question[Export], to="export"):
    """One export."""

    export_id: Id


class ExportList(Page):
    """Exports, newest first."""

    items: list[Export]


class ListExports(ProjectPageQuestion[ExportList], to="export"):
    """The exports of a project."""


class CancelExport(Question[Export], to="export"):
    """Cancel an export. Its partial archive is deleted."""

    export_id: Id
