"""In-memory replacements of the servers that export uses."""

import gzip
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from minio.datatypes import Part

from common.contract import questions
from common.contract.errors import Problem, Reason
from common.contract.events import Event
from common.contract.labels import ObjectState
from common.contract.media import Medium
from common.messaging.jobs import Progress
from common.messaging.outbox import Unpublished
from common.storage.egress import EgressPolicy
from common.storage.objects import NoSuchObject, ObjectInfo, source_key
from export.exporting.repository import ExportRecord, ExportRepository
from export.exporting.service import ExportService
from export.storage.archives import Archives
from export.storage.destinations import Destinations
from export.storage.secret_box import SecretBox
from export.versions.repository import VersionRepository
from tests.export.made import DETECTION


@dataclass
class InMemoryObjects:
    """An in-memory bucket."""

    stored: dict[str, bytes] = field(default_factory=dict)
    uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def put_sync(self, key: str, content: bytes, content_type: str = "") -> None:
        self.stored[key] = content

    def delete_sync(self, key: str) -> None:
        self.stored.pop(key, None)

    async def delete(self, key: str) -> None:
        self.delete_sync(key)

    async def stat(self, key: str) -> ObjectInfo:
        if key not in self.stored:
            raise NoSuchObject(key)
        return ObjectInfo(len(self.stored[key]), "", "")

    def read_range(self, key: str, offset: int, length: int) -> bytes:
        if key not in self.stored:
            raise NoSuchObject(key)
        return self.stored[key][offset : offset + length]

    def begin_multipart(self, key: str, content_type: str) -> str:
        upload = f"upload-{len(self.keys)}"
        self.uploads[upload], self.keys[upload] = {}, key
        return upload

    def put_part(self, key: str, upload: str, number: int, content: bytes) -> Part:
        self.uploads[upload][number] = content
        return Part(number, f"etag-{number}")

    def list_multiparts(self, key: str) -> list[str]:
        return [upload for upload in self.uploads if self.keys[upload] == key]

    def finish_multipart(self, key: str, upload: str, parts: Iterable[Part]) -> None:
        stored = self.uploads.pop(upload)
        self.stored[key] = b"".join(stored[part.part_number] for part in parts)

    def abort_multipart(self, key: str, upload: str) -> None:
        self.uploads.pop(upload, None)


class FakeBus:
    """Answers as ingest, annotation and frames would, and records published events."""

    def __init__(self, media: Sequence[Medium], objects: Sequence[ObjectState] = ()) -> None:
        self.objects = InMemoryObjects()
        self.media = media
        self.labels = objects
        self.published: list[Event] = []
        self.away: list[str] = []
        self.strips = 0
        for medium in media:
            if medium.kind == "image":
                self.objects.stored[source_key("p", medium.id)] = medium.name.encode().ljust(medium.size_bytes, b".")

    async def publish(self, *events: Event) -> None:
        self.published += events

    async def ask(self, question: Any) -> Any:
        if self.away:
            code = self.away.pop()
            raise Problem(code, service="annotation") if code == "service_unavailable" else Problem(code)
        match question:
            case questions.ListMedia():
                return self.media_page(question)
            case questions.TakeSnapshot():
                return self.snapshot_of(question)
            case questions.RenderFrames():
                return self.strip_of(question)

    def media_page(self, question: questions.ListMedia) -> questions.MediaList:
        result = [medium for medium in self.media if question.media is None or medium.id in question.media]
        first = int(question.page.cursor or 0)
        last = first + 2
        return questions.MediaList(items=result[first:last], next_cursor=str(last) if last < len(result) else None)

    def snapshot_of(self, question: questions.TakeSnapshot) -> questions.Snapshot:
        key = f"{question.project_id}/snapshots/{question.snapshot_id}.ndjson.gz"
        by_medium = sorted(self.labels, key=lambda each: each.media_id)
        lines = [each.model_dump_json() + "\n" for each in by_medium]
        self.objects.stored[key] = gzip.compress("".join(lines).encode())
        media = sorted({label.media_id for label in self.labels})
        return questions.Snapshot(object_key=key, objects=len(lines), media=media, missions=[DETECTION])

    def strip_of(self, question: questions.RenderFrames) -> questions.FrameStrip:
        self.strips += 1
        images = [f"{question.media_id} {frame}".encode() for frame in question.frames]
        key = f"p/strips/{self.strips}"
        self.objects.stored[key] = b"".join(images)
        return questions.FrameStrip(
            object_key=key, content_type="image/jpeg", frames=question.frames, sizes=list(map(len, images))
        )


@dataclass
class InMemoryExports:
    """One export record, changed under the same conditions as in MongoDB."""

    record: ExportRecord
    holder: str = ""
    held_until: float = 0.0

    async def begin(self, export_id: str, holder: str, now: float) -> ExportRecord | None:
        if self.record.export.state not in ("queued", "running", "failed") or self.held_until >= now:
            return None
        self.holder, self.held_until = holder, now + 15
        return self._change(state="running", progress=0.0, reason=None)

    async def find(self, export_id: str) -> ExportRecord | None:
        return self.record

    async def hold(self, export_id: str, holder: str, now: float) -> bool:
        return self._held(holder)

    async def progress(self, export_id: str, holder: str, progress: Progress) -> ExportRecord | None:
        return self._change(progress=progress.share) if self._held(holder) else None

    async def finish(self, export_id: str, holder: str, fields: Mapping[str, Any]) -> ExportRecord | None:
        if not self._held(holder):
            return None
        self.held_until = 0.0
        dropped = [questions.Loss.model_validate(loss) for loss in fields.get("dropped", [])]
        return self._change(state="done", progress=1.0, **{**fields, "dropped": dropped})

    async def fail(self, export_id: str, reason: Reason) -> ExportRecord | None:
        self.held_until = 0.0
        return self._change(state="failed", reason=reason) if self._is("queued", "running") else None

    async def discard(self, export_id: str) -> ExportRecord | None:
        self.held_until = 0.0
        return self._change(state="cancelled") if self._is("queued", "running", "done") else None

    async def mark_published(self, entries: Sequence[Unpublished]) -> None:
        pass

    async def forget_keys(self, export_id: str) -> None:
        self.record = replace(self.record, sealed=None)

    def _held(self, holder: str) -> bool:
        return self._is("running") and self.holder == holder

    def _is(self, *states: str) -> bool:
        return self.record.export.state in states

    def _change(self, **more: Any) -> ExportRecord:
        export = self.record.export.model_copy(update=more)
        self.record = replace(self.record, export=export, revision=self.record.revision + 1)
        return self.record


def destinations(bus: FakeBus, allowed: str = "") -> Destinations:
    """The destinations of archives: the bus's bucket, or external addresses that are public or `allowed`."""
    return Destinations(Archives(bus.objects), SECRET_BOX, EgressPolicy.of(allowed))  # type: ignore[arg-type]


SECRET_BOX = SecretBox("secret")


def queued(**more: Any) -> InMemoryExports:
    """The record of a newly requested export."""
    given: dict[str, Any] = {"export_id": "e", "project_id": "p", "name": "x", "format": "COCO 1.0", "author": "ada"}
    asked = questions.StartExport(**given | more)
    export = questions.Export(
        **asked.model_dump(exclude={"export_id"}), id="e", state="queued", progress=0.0, created_at=0.0
    )
    sealed = SECRET_BOX.encrypt("e", asked.target) if asked.target else None
    return InMemoryExports(ExportRecord(export, revision=1, failures=0, sealed=sealed))


class NoVersions(VersionRepository):
    """A project without versions."""

    def __init__(self) -> None:
        pass

    async def find(self, version_id: str) -> questions.DatasetVersion | None:
        return None


def service(
    exports: InMemoryExports | ExportRepository,
    bus: FakeBus,
    allowed: str = "",
    versions: VersionRepository | None = None,
) -> ExportService:
    """The export service over fakes."""
    given: Any = (exports, versions or NoVersions(), destinations(bus, allowed), bus)
    return ExportService(*given, watch_s=0.5)
