"""Imports an archive in two passes: the first collects its classes and finds damage before anything is written; the
second sends every object to annotation as an edit, whose id derives from its content."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from common.contract.edits import Create, EditResult, MakeDefault
from common.contract.errors import Problem, reason_for
from common.contract.labels import ObjectState
from common.contract.questions import Import, SkippedRow
from common.messaging.bus import Bus
from common.service.ids import stable_id
from common.storage.objects import NoSuchObject
from export.dataset.loss_report import LossReport
from export.dataset.media import ExportMedium
from export.exporting.sources import list_media
from export.importing.annotation import apply_edits, list_missions, objects_on, save_mission
from export.importing.progress import ImportProgress
from export.importing.sandbox import Archive, DetectedFormat
from export.parsing.class_resolver import ClassResolver
from export.parsing.imported_object import ImportedObject
from export.parsing.reader import DeclaredMission, Parsed
from export.parsing.reasons import reason_of

EDITS_AT_ONCE = 500
# Edits of objects with more keyframes are built in a thread: they would block the event loop.
KEYFRAMES_ON_LOOP = 500
# A NATS message is at most 8 MB; a keyframe has some hundred bytes, a bitmap of many runs more.
BYTES_AT_ONCE, MOST_BYTES = 1 << 20, 6 << 20


async def import_archive(wanted: Import, progress: ImportProgress, bus: Bus) -> None:
    """Import all objects that the project accepts.

    Raises:
        Undecodable, Problem: the archive is refused as a whole, before anything is written.
        JobStopped: it was cancelled.
    """
    media = await list_media(bus, wanted.project_id, wanted.media, LossReport())
    if not media:
        raise Problem("import_no_files")
    archive = await _opened(wanted, media, bus)
    resolver = ClassResolver(wanted.project_id, await list_missions(bus, wanted.project_id), wanted.mission)
    await _survey(archive, wanted, resolver, progress)
    progress.added = resolver.added
    if not wanted.dry_run:
        for mission in resolver.changed:
            resolver.mark_saved(await save_mission(bus, wanted, mission))
    await _Writer(wanted, resolver, progress, media, bus).write(archive)


async def _opened(wanted: Import, media: Sequence[ExportMedium], bus: Bus) -> Archive:
    try:
        size = (await bus.objects.stat(wanted.object_key)).size
    except NoSuchObject as error:
        raise Problem("import_archive_missing") from error
    return Archive(bus.objects, wanted.object_key, size, wanted.name, wanted.format, media)


async def _survey(archive: Archive, wanted: Import, resolver: ClassResolver, progress: ImportProgress) -> None:
    """Read the whole archive: find damage, count skipped rows, and collect the classes that it needs."""
    async with archive.read() as batches:
        async for batch in batches:
            progress.lease.check()
            if isinstance(batch, DetectedFormat):
                progress.detected = batch
                continue
            # Missions come before the objects that belong to them.
            for found in sorted(batch, key=lambda parsed: not isinstance(parsed, DeclaredMission)):
                _collect(found, wanted, resolver, progress)


def _collect(found: Parsed, wanted: Import, resolver: ClassResolver, progress: ImportProgress) -> None:
    if isinstance(found, SkippedRow):
        progress.counts.skip(found)
    elif isinstance(found, DeclaredMission):
        resolver.declare(found.mission)
    else:
        progress.total += 1
        if wanted.add_classes:
            resolver.ensure(found)


@dataclass(slots=True)
class _Batch:
    """Pending edits of one medium, with their locations in the archive."""

    media_id: str = ""
    edits: list[Create | MakeDefault] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    size: int = 0


class _Writer:
    """Sends objects as edits, in batches of one medium."""

    def __init__(
        self, wanted: Import, resolver: ClassResolver, progress: ImportProgress, media: Iterable[ExportMedium], bus: Bus
    ) -> None:
        self._wanted = wanted
        self._resolver = resolver
        self._progress = progress
        self._frames = {medium.id: medium.frame_count for medium in media}
        self._bus = bus
        self._batch = _Batch()
        self._states: tuple[str, dict[str, ObjectState]] = "", {}

    async def write(self, archive: Archive) -> None:
        """Import the objects of an archive, in its order."""
        async with archive.read() as batches:
            async for batch in batches:
                for found in batch if isinstance(batch, list) else ():
                    if isinstance(found, ImportedObject):
                        await self._add(found)
        await self._send()

    async def _add(self, found: ImportedObject) -> None:
        try:
            edit = await self._edit(found)
        except ValidationError as error:
            self._progress.counts.refuse(found.where, reason_of(error))
            return
        existing = await self._existing(found, edit)
        if existing is not None:
            self._count_existing(existing)
            return
        if self._wanted.dry_run:
            self._count_dry(found)
            return
        await self._queue(found, edit)

    async def _edit(self, found: ImportedObject) -> Create:
        if len(found.keyframes) < KEYFRAMES_ON_LOOP:
            return self._resolver.create_edit(found)
        return await asyncio.to_thread(self._resolver.create_edit, found)

    async def _queue(self, found: ImportedObject, edit: Create) -> None:
        size = len(edit.model_dump_json())
        if size > MOST_BYTES:
            too_large = reason_for("imported_object_too_large", size_mb=size >> 20, limit_mb=MOST_BYTES >> 20)
            self._progress.counts.refuse(found.where, too_large)
            return
        batch = self._batch
        is_full = len(batch.edits) + 2 > EDITS_AT_ONCE or batch.size + size > BYTES_AT_ONCE
        if batch.edits and (is_full or batch.media_id != found.media_id):
            await self._send()
        batch = self._batch
        batch.media_id = found.media_id
        batch.edits += _edits(edit, found, self._wanted.id)
        batch.where += [found.where] * (len(batch.edits) - len(batch.where))
        batch.size += size

    async def _existing(self, found: ImportedObject, edit: Create) -> ObjectState | None:
        """The object, if the medium has it already: a label of the whole medium exists once, and an object may be the
        exported one under its own id. A dry run looks up all objects."""
        if found.kind != "label" and found.uid is None and not self._wanted.dry_run:
            return None
        media_id, states = self._states
        if media_id != found.media_id:
            states = await objects_on(self._bus, self._wanted.project_id, found.media_id)
            self._states = found.media_id, states
        return states.get(edit.object) or states.get(found.uid or "")

    def _count_dry(self, found: ImportedObject) -> None:
        missing = None if self._wanted.add_classes else self._resolver.missing_for(found)
        if missing is not None:
            self._progress.counts.refuse(found.where, missing)
        else:
            self._progress.counts.created += 1

    def _count_existing(self, existing: ObjectState) -> None:
        """Count an existing object; one of a killed attempt of this import counts as created."""
        if (existing.created_at or 0.0) >= self._wanted.created_at and not self._wanted.dry_run:
            self._progress.counts.created += 1
        else:
            self._progress.counts.unchanged += 1

    async def _send(self) -> None:
        self._progress.lease.check()
        batch, self._batch = self._batch, _Batch()
        if not batch.edits:
            return
        results = await apply_edits(self._bus, self._wanted, batch.media_id, batch.edits, self._frames[batch.media_id])
        for edit, where, result in zip(batch.edits, batch.where, results, strict=True):
            if isinstance(edit, Create):
                self._count(where, result)

    def _count(self, where: str, result: EditResult) -> None:
        match result.status:
            case "applied":
                self._progress.counts.created += 1
            case "duplicate" if result.object is not None:
                self._count_existing(result.object)
            case "duplicate":
                self._progress.counts.unchanged += 1
            case _:
                self._progress.counts.refuse(where, result.reason or reason_for("changed_meanwhile"))


def _edits(edit: Create, found: ImportedObject, import_id: str) -> list[Create | MakeDefault]:
    """The edits that create an object; all edits of an import are one operation."""
    edits: list[Create | MakeDefault] = [edit.model_copy(update={"operation": import_id})]
    if found.default:
        chosen = stable_id("import default", edit.id)
        edits.append(MakeDefault(id=chosen, object=edit.object, base_revision=1, operation=import_id))
    return edits
