"""What services may be asked, and what they answer. Every question may be asked twice with the same effect."""

from typing import Any, ClassVar, Generic, Literal, TypeVar, cast

from pydantic import Field

from common.events import ExportState, RunState
from common.labels import Edit, EditResult, Frame, Id, Mission, ObjectState
from common.media import Conditions, Kind, LabelState, MediaState, Medium, Sha256, Upload
from common.model import Model

A = TypeVar("A", bound=Model)


class Question(Model, Generic[A]):
    """A question to one service; `A` is the answer."""

    to: ClassVar[str]
    timeout_s: ClassVar[float] = 10.0

    @classmethod
    def subject(cls) -> str:
        """Where this is asked: `ask.<service>.<Question>`."""
        return f"ask.{cls.to}.{cls.__name__}"

    @classmethod
    def answer(cls) -> type[A]:
        """The class of the answer."""
        generics = (vars(base).get("__pydantic_generic_metadata__", {}).get("args") for base in cls.__mro__)
        return cast("type[A]", next(arguments for arguments in generics if arguments)[0])


class Done(Model):
    """The answer of a command that has nothing to say."""


class Page(Model):
    """How a list is read on: `cursor` is what the last answer gave as `next_cursor`."""

    limit: int = Field(default=100, ge=1, le=500)
    cursor: str | None = None


# ---- ingest ----


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


class OpenPart(Question[PartUrl]):
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


class AbortUpload(Question[Done]):
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
    page: Page = Page()
    state: MediaState | None = None
    label_state: LabelState | None = None
    kind: Kind | None = None
    q: str | None = Field(default=None, max_length=200)
    media: list[Id] | None = None


class DeleteMedium(Question[Done]):
    """Delete a medium and all that was made from it."""

    to = "ingest"

    media_id: Id
    delete_source: bool = True


# ---- frames ----


class ClipRendition(Model):
    """Where a rendition of a clip lies: the index and the samples."""

    clip: int
    first: Frame
    last: Frame
    rendition: str
    index_key: str
    samples_key: str


class ClipList(Model):
    """The clips of a medium that can be shown, in order, each in one rendition."""

    clips: list[ClipRendition]


class ListClips(Question[ClipList]):
    """Which clips of a medium can be shown, and in which rendition: the one that people seek in quickly, or the one
    with most of the source's detail, which is also the same at any time."""

    to = "frames"

    project_id: Id
    media_id: Id
    purpose: Literal["seeking", "detail"] = "seeking"


class Picture(Model):
    """A picture in S3."""

    object_key: str
    content_type: str
    width: int
    height: int


class RenderFrame(Question[Picture]):
    """One exact frame, decoded from the source, as a picture of at most `width` pixels."""

    to = "frames"
    timeout_s = 30.0

    project_id: Id
    media_id: Id
    frame: Frame
    format: Literal["jpeg", "png", "webp"] = "jpeg"
    width: int | None = Field(default=None, ge=16, le=16_384)


class PictureStrip(Model):
    """Several pictures in one object: `sizes[i]` bytes of frame `frames[i]`, one after the other."""

    object_key: str
    content_type: str
    frames: list[int]
    sizes: list[int]


class RenderFrames(Question[PictureStrip]):
    """At most 100 exact frames at full size, decoded from the source; the asker deletes the strip when read."""

    to = "frames"
    timeout_s = 120.0

    project_id: Id
    media_id: Id
    frames: list[Frame] = Field(min_length=1, max_length=100)
    format: Literal["jpeg", "png"] = "jpeg"


# ---- inference ----


class ModelCard(Model):
    """A model that can be run."""

    id: Id
    name: str
    origin: Literal["builtin", "pretrained", "trained", "similarity"]
    task: Literal["detect"]
    labels: list[str]
    threshold: float
    licence: str
    size_bytes: int


class ModelList(Model):
    """All models."""

    items: list[ModelCard]


class ListModels(Question[ModelList]):
    """The models there are."""

    to = "inference"


class Run(Model):
    """A run of a model over media."""

    id: Id
    project_id: Id
    kind: str
    model: str
    media: list[Id]
    threshold: float
    accept: Literal["suggest", "auto"]
    state: RunState
    progress: float
    frames_done: int
    frames_total: int
    reason: str | None = None
    author: str
    created_at: float


class StartRun(Question[Run]):
    """Run a model over media (or some of their clips); the same `run_id` again is the same run."""

    to = "inference"

    run_id: Id
    project_id: Id
    kind: Literal["detect"] = "detect"
    model: str
    media: list[Id] = Field(min_length=1, max_length=1000)
    clips: list[int] | None = None
    threshold: float | None = Field(default=None, ge=0, le=1)
    accept: Literal["suggest", "auto"] = "suggest"
    author: str


class GetRun(Question[Run]):
    """One run."""

    to = "inference"

    run_id: Id


class RunList(Model):
    """Runs, newest first."""

    items: list[Run]
    next_cursor: str | None = None


class ListRuns(Question[RunList]):
    """The runs of a project."""

    to = "inference"

    project_id: Id
    page: Page = Page()


class CancelRun(Question[Run]):
    """Stop a run; what it already suggested stays."""

    to = "inference"

    run_id: Id


# ---- annotation ----


class ObjectList(Model):
    """Objects of a medium."""

    objects: list[ObjectState]


class ReadObjects(Question[ObjectList]):
    """The objects that are visible or have a keyframe on frames first…last (inclusive; all if not given)."""

    to = "annotation"

    project_id: Id
    media_id: Id
    first: Frame | None = None
    last: Frame | None = None


class EditResults(Model):
    """What became of each edit, in the order they came."""

    results: list[EditResult]


class ApplyEdits(Question[EditResults]):
    """Apply edits to the objects of one medium in one transaction. With `atomic`, all or none."""

    to = "annotation"

    project_id: Id
    media_id: Id
    edits: list[Edit] = Field(min_length=1, max_length=500)
    atomic: bool = False
    author: str
    session: str | None = Field(default=None, max_length=64)
    frame_count: int | None = None


class BoxRow(Model):
    """A visible box on one frame."""

    frame: Frame
    object_id: Id
    category: str
    type: str | None = None
    x1: float
    y1: float
    x2: float
    y2: float
    rotation: float = 0.0
    key: bool
    occluded: bool = False
    source: str
    score: float | None = None


class BoxRows(Model):
    """Boxes by frame."""

    rows: list[BoxRow]


class ReadBoxes(Question[BoxRows]):
    """Every visible box on frames first…last (inclusive, at most 1800 of them), computed."""

    to = "annotation"
    timeout_s = 30.0

    project_id: Id
    media_id: Id
    first: Frame
    last: Frame


class HistoryEntry(Model):
    """One change of an object."""

    revision: int
    author: str
    session: str | None
    at: float
    edit: dict[str, Any]
    object: ObjectState


class History(Model):
    """The changes of an object, newest first."""

    items: list[HistoryEntry]
    next_cursor: str | None = None


class ReadHistory(Question[History]):
    """How an object came to be what it is."""

    to = "annotation"

    object_id: Id
    page: Page = Page()


class ObjectOwner(Model):
    """Whose an object is."""

    object_id: Id
    project_id: Id
    media_id: Id
    revision: int


class FindObject(Question[ObjectOwner]):
    """Which project and medium an object belongs to."""

    to = "annotation"

    object_id: Id


class MissionList(Model):
    """The missions of a project."""

    items: list[Mission]


class ListMissions(Question[MissionList]):
    """The missions of a project: the built-in ones are there from its first day."""

    to = "annotation"

    project_id: Id


class SaveMission(Question[Mission]):
    """Add a mission or replace the one with the same id."""

    to = "annotation"

    project_id: Id
    mission: Mission


class Snapshot(Model):
    """A consistent picture of a project's labels: a gzip-packed NDJSON object in S3, one `ObjectState` a line,
    ordered by medium; and the missions they refer to."""

    object_key: str
    objects: int
    media: list[Id]
    missions: list[Mission]


class TakeSnapshot(Question[Snapshot]):
    """Write the objects of media (all if not given) as they are now; the same id again is the same snapshot."""

    to = "annotation"
    timeout_s = 300.0

    snapshot_id: Id
    project_id: Id
    media: list[Id] | None = None


# ---- export ----


class Format(Model):
    """An archive format, what it is good for and what it cannot carry."""

    name: str
    can_export: bool
    can_import: bool
    cannot_carry: list[str]


class FormatList(Model):
    """All formats."""

    items: list[Format]


class ListFormats(Question[FormatList]):
    """The formats there are."""

    to = "export"


class Dropped(Model):
    """Something that the format could not hold, and how often."""

    what: str
    count: int


class Export(Model):
    """An export: what was asked and what became of it."""

    id: Id
    project_id: Id
    name: str
    format: str
    media: list[Id] | None
    classes: list[str] | None
    annotation_types: list[str] | None
    save_images: bool
    state: ExportState
    progress: float
    size_bytes: int | None = None
    sha256: str | None = None
    object_key: str | None = None
    dropped: list[Dropped] = []
    reason: str | None = None
    author: str
    created_at: float


class StartExport(Question[Export]):
    """Write an archive of a project's labels; the same `export_id` again is the same export."""

    to = "export"

    export_id: Id
    project_id: Id
    name: str = Field(min_length=1, max_length=120)
    format: str
    media: list[Id] | None = None
    classes: list[str] | None = None
    annotation_types: list[str] | None = None
    save_images: bool = False
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
    page: Page = Page()


class CancelExport(Question[Export]):
    """Stop an export; nothing of it stays."""

    to = "export"

    export_id: Id


QUESTIONS: tuple[type[Question[Any]], ...] = (
    StartUpload, GetUpload, OpenPart, FinishUpload, AbortUpload, GetMedium, ListMedia, DeleteMedium,
    ListClips, RenderFrame, RenderFrames,
    ListModels, StartRun, GetRun, ListRuns, CancelRun,
    ReadObjects, ApplyEdits, ReadBoxes, ReadHistory, FindObject, ListMissions, SaveMission, TakeSnapshot,
    ListFormats, StartExport, GetExport, ListExports, CancelExport,
)  # fmt: skip
