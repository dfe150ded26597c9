"""The facts that services tell, and the jobs they queue: THE contract.

A fact says what happened and carries what its readers need. Subject: `<type>.v<version>.<project_id>`. The id of
a fact is derived from what happened (`key`), so that telling it again is the same event.
"""

from typing import Any, ClassVar, Literal

from pydantic import Field

from common.clips import Rendition
from common.edits import Edit
from common.ids import same_id
from common.labels import Frame, Id, ObjectState
from common.media import Conditions, Footage, Kind, LabelState
from common.missions import Mission
from common.model import Model


class Event(Model):
    """What facts and jobs have in common."""

    type: ClassVar[str]
    version: ClassVar[int] = 1
    stream: ClassVar[str]
    by: ClassVar[str]

    project_id: Id

    @classmethod
    def pattern(cls) -> str:
        """The subject of this type in all projects."""
        return f"{cls.type}.v{cls.version}.*"

    @property
    def subject(self) -> str:
        """Where this event is published."""
        return f"{self.type}.v{self.version}.{self.project_id}"

    @property
    def about(self) -> str:
        """What the event is about: the medium, run or export, for readers that filter without parsing."""
        return self.project_id

    def key(self) -> tuple[str | int, ...]:
        """What makes this happening different from every other of its type in the project."""
        raise NotImplementedError

    @property
    def id(self) -> str:
        """The event id: equal whenever the same thing is told again."""
        return same_id(self.type, self.version, self.project_id, *self.key())


class MediaEvent(Event):
    """An event about one medium."""

    media_id: Id

    @property
    def about(self) -> str:
        return self.media_id

    def key(self) -> tuple[str | int, ...]:
        return (self.media_id,)


# ---- gateway ----


class ProjectCreated(Event):
    """A project exists."""

    type = "project.created"
    stream = "PROJECTS"
    by = "gateway"

    name: str
    task_kind: Literal["detection", "classification", "segmentation", "video"]
    owner: Id

    def key(self) -> tuple[str | int, ...]:
        return ()


class MemberAdded(Event):
    """A user joined a project, or has a new role in it."""

    type = "member.added"
    stream = "PROJECTS"
    by = "gateway"

    user_id: Id
    role: Literal["owner", "admin", "labeler", "developer"]
    revision: int

    def key(self) -> tuple[str | int, ...]:
        return (self.user_id, self.revision)


# ---- ingest ----


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


# ---- frames ----


class CutClip(MediaEvent):
    """Job: make one rendition of one clip without encoding: quick."""

    type = "job.cut_clip"
    stream = "FRAMES_JOBS"
    by = "frames"

    clip: int
    rendition: Rendition

    def key(self) -> tuple[str | int, ...]:
        return (self.media_id, self.clip, self.rendition)


class EncodeClip(MediaEvent):
    """Job: encode one clip's proxy. A queue of its own, so that no clip that can be shown at once waits behind it."""

    type = "job.encode_clip"
    stream = "FRAMES_JOBS"
    by = "frames"

    clip: int

    def key(self) -> tuple[str | int, ...]:
        return (self.media_id, self.clip)


class MediaPlanned(MediaEvent):
    """All frames of a medium are counted: its true size, rate, length and number of clips."""

    type = "media.planned"
    stream = "CLIPS"
    by = "frames"

    footage: Footage


class ClipReady(MediaEvent):
    """A clip can be shown and labeled. Told once for each rendition: first the copied packets of the source, where
    they can be shown as they are, then the proxy made for seeking."""

    type = "clip.ready"
    stream = "CLIPS"
    by = "frames"

    clip: int
    first: Frame
    last: Frame
    rendition: Rendition
    index_key: str
    width: int
    height: int
    fps: float

    def key(self) -> tuple[str | int, ...]:
        return (self.media_id, self.clip, self.rendition)


class MediaReady(MediaEvent):
    """Every clip of a medium can be shown."""

    type = "media.ready"
    stream = "CLIPS"
    by = "frames"

    footage: Footage


class MediaFailed(MediaEvent):
    """A medium cannot be shown, and why, in words for the person who uploaded it."""

    type = "media.failed"
    stream = "CLIPS"
    by = "frames"

    reason: str


# ---- inference ----

RunState = Literal["queued", "running", "done", "failed", "cancelled"]


class LabelClip(MediaEvent):
    """Job: detect and track on one clip, for one run."""

    type = "job.label_clip"
    stream = "INFERENCE_JOBS"
    by = "inference"

    run_id: Id
    clip: int

    def key(self) -> tuple[str | int, ...]:
        return (self.run_id, self.media_id, self.clip)


class TrackObject(MediaEvent):
    """Job: follow an object through frames first…last, between keyframes that a person set, for one run."""

    type = "job.track_object"
    stream = "INFERENCE_JOBS"
    by = "inference"

    run_id: Id
    object_id: Id
    first: Frame
    last: Frame

    def key(self) -> tuple[str | int, ...]:
        return (self.run_id, self.object_id, self.first, self.last)


class RunChanged(Event):
    """A run was queued, went on, or ended. `revision` grows with every change."""

    type = "run.changed"
    stream = "LABELS"
    by = "inference"

    run_id: Id
    revision: int
    state: RunState
    kind: str
    model: str
    media: list[Id]
    progress: float = Field(ge=0, le=1)
    frames_done: int
    frames_total: int
    reason: str | None = None

    @property
    def about(self) -> str:
        return self.run_id

    def key(self) -> tuple[str | int, ...]:
        return (self.run_id, self.revision)


class LabelsSuggested(MediaEvent):
    """A run proposes tracks for a clip; they lie in S3 under `object_key` (a `Suggestions` file)."""

    type = "labels.suggested"
    stream = "LABELS"
    by = "inference"

    run_id: Id
    clip: int
    first: Frame
    last: Frame
    object_key: str
    count: int
    model: str
    accept: Literal["suggest", "auto"]
    author: str

    def key(self) -> tuple[str | int, ...]:
        return (self.run_id, self.media_id, self.clip)


class LabelsTracked(MediaEvent):
    """A run followed an object through frames first…last; its keyframes lie in S3 under `object_key` (a `Suggestions`
    file with one track, whose id is the object's). Where it lost the object it stopped: at frame `stopped_at`."""

    type = "labels.tracked"
    stream = "LABELS"
    by = "inference"

    run_id: Id
    object_id: Id
    first: Frame
    last: Frame
    object_key: str
    stopped_at: Frame | None = None
    author: str

    def key(self) -> tuple[str | int, ...]:
        return (self.run_id, self.object_id, self.first, self.last)


# ---- annotation ----


class MissionChanged(Event):
    """A mission is as it is now, or gone (`mission` is null): the names behind the ids in labels."""

    type = "mission.changed"
    stream = "ANNOTATION"
    by = "annotation"

    mission_id: Id
    revision: int
    mission: Mission | None

    @property
    def about(self) -> str:
        return self.mission_id

    def key(self) -> tuple[str | int, ...]:
        return (self.mission_id, self.revision)


class LabelsReviewed(MediaEvent):
    """A person accepted a suggestion, as it was or edited, as object `object_id`; or rejected it."""

    type = "labels.reviewed"
    stream = "ANNOTATION"
    by = "annotation"

    suggestion_id: Id
    run_id: Id
    review: Literal["accepted", "rejected", "edited"]
    object_id: Id | None = None
    reviewer: str
    at: float

    def key(self) -> tuple[str | int, ...]:
        return (self.suggestion_id,)


class AnnotationChanged(MediaEvent):
    """An edit was applied to an object; in order for each object. Its new state, or, where that is large, the key
    of the object in S3 that holds it."""

    type = "annotation.changed"
    stream = "ANNOTATION"
    by = "annotation"

    change_id: Id
    object_id: Id
    revision: int
    author: str
    session: str | None = None
    at: float
    edit: Edit | None = None
    object: ObjectState | None = None
    object_key: str | None = None

    def key(self) -> tuple[str | int, ...]:
        return (self.object_id, self.revision)


class ClipState(MediaEvent):
    """How far the labeling of a clip is, and how many objects touch it."""

    type = "clip.state"
    stream = "ANNOTATION"
    by = "annotation"

    clip: int
    revision: int
    label_state: LabelState
    objects: int

    def key(self) -> tuple[str | int, ...]:
        return (self.media_id, self.clip, self.revision)


# ---- export ----

ExportState = Literal["queued", "running", "done", "failed", "cancelled"]


class WriteExport(Event):
    """Job: write one export's archive."""

    type = "job.write_export"
    stream = "EXPORT_JOBS"
    by = "export"

    export_id: Id

    @property
    def about(self) -> str:
        return self.export_id

    def key(self) -> tuple[str | int, ...]:
        return (self.export_id,)


class ExportChanged(Event):
    """An export was queued, went on, or ended."""

    type = "export.changed"
    stream = "EXPORT"
    by = "export"

    export_id: Id
    revision: int
    name: str
    format: str
    state: ExportState
    progress: float = Field(ge=0, le=1)
    size_bytes: int | None = None
    reason: str | None = None

    @property
    def about(self) -> str:
        return self.export_id

    def key(self) -> tuple[str | int, ...]:
        return (self.export_id, self.revision)


class ExportReady(Event):
    """An export's archive can be downloaded."""

    type = "export.ready"
    stream = "EXPORT"
    by = "export"

    export_id: Id
    name: str
    format: str
    object_key: str
    size_bytes: int
    sha256: str
    dropped: list[dict[str, Any]] = []

    @property
    def about(self) -> str:
        return self.export_id

    def key(self) -> tuple[str | int, ...]:
        return (self.export_id,)


# ---- the way in ----

ImportState = Literal["queued", "running", "done", "failed", "cancelled"]


class ReadArchive(Event):
    """Job: read one import's archive and make objects of it."""

    type = "job.read_archive"
    stream = "IMPORT_JOBS"
    by = "export"

    import_id: Id

    @property
    def about(self) -> str:
        return self.import_id

    def key(self) -> tuple[str | int, ...]:
        return (self.import_id,)


class ImportChanged(Event):
    """An import was queued, went on, or ended."""

    type = "import.changed"
    stream = "EXPORT"
    by = "export"

    import_id: Id
    revision: int
    name: str
    format: str | None = None
    state: ImportState
    progress: float = Field(ge=0, le=1)
    dry_run: bool = False
    created: int = 0
    unchanged: int = 0
    refused: int = 0
    skipped: int = 0
    reason: str | None = None

    @property
    def about(self) -> str:
        return self.import_id

    def key(self) -> tuple[str | int, ...]:
        return (self.import_id, self.revision)


FACTS: tuple[type[Event], ...] = (
    ProjectCreated, MemberAdded,
    MediaStored, MediaHashed, MediaDeleted,
    MediaPlanned, ClipReady, MediaReady, MediaFailed,
    RunChanged, LabelsSuggested, LabelsTracked,
    MissionChanged, LabelsReviewed, AnnotationChanged, ClipState,
    ExportChanged, ExportReady, ImportChanged,
)  # fmt: skip
JOBS: tuple[type[Event], ...] = (HashMedium, CutClip, EncodeClip, LabelClip, TrackObject, WriteExport, ReadArchive)
