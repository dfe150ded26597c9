"""How an archive becomes objects: it is read once to know what is in it, before anything is written; then again, and
every object goes to annotation as an edit whose id follows from what it is."""

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
# Objects of more keyframes are made ready beside the event loop, which they would hold up.
KEYFRAMES_IN_PASSING = 500
# NATS carries 8 MB a message; a keyframe is some hundred bytes, a bitmap of many runs is more.
BYTES_AT_ONCE, MOST_BYTES = 1 << 20, 6 << 20


async def import_archive(wanted: Import, progress: ImportProgress, bus: Bus) -> None:
    """Import everything that can be.

    Raises:
        Undecodable, Problem: it is refused as a whole, before anything was written, and why.
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
    """Read all of it: whether it can be read to its end, what it skips, and which classes it needs."""
    async with archive.read() as told:
        async for part in told:
            progress.lease.check()
            if isinstance(part, DetectedFormat):
                progress.detected = part
                continue
            # Missions are described before the objects that have them.
            for found in sorted(part, key=lambda one: not isinstance(one, DeclaredMission)):
                _note(found, wanted, resolver, progress)


def _note(found: Parsed, wanted: Import, resolver: ClassResolver, progress: ImportProgress) -> None:
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
    """Edits of one medium on their way, and where in the archive they come from."""

    media_id: str = ""
    edits: list[Create | MakeDefault] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    size: int = 0


class _Writer:
    """Hands objects on as edits, in batches of one medium."""

    def __init__(
        self, wanted: Import, resolver: ClassResolver, progress: ImportProgress, media: Iterable[ExportMedium], bus: Bus
    ) -> None:
        self._wanted = wanted
        self._resolver = resolver
        self._progress = progress
        self._frames = {medium.id: medium.frame_count for medium in media}
        self._bus = bus
        self._batch = _Batch()
        self._there: tuple[str, dict[str, ObjectState]] = "", {}

    async def write(self, archive: Archive) -> None:
        """Everything that the archive holds, in its order."""
        async with archive.read() as told:
            async for part in told:
                for found in part if isinstance(part, list) else ():
                    if isinstance(found, ImportedObject):
                        await self._add(found)
        await self._send()

    async def _add(self, found: ImportedObject) -> None:
        try:
            edit = await self._edit(found)
        except ValidationError as error:
            self._progress.counts.refuse(found.where, reason_of(error))
            return
        there = await self._known(found, edit)
        if there is not None:
            self._count_there(there)
            return
        if self._wanted.dry_run:
            self._count_tried(found)
            return
        await self._queue(found, edit)

    async def _edit(self, found: ImportedObject) -> Create:
        if len(found.keyframes) < KEYFRAMES_IN_PASSING:
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

    async def _known(self, found: ImportedObject, edit: Create) -> ObjectState | None:
        """The object, where it is there already under an id that annotation would refuse or never saw: a label of the
        whole medium is there once, and an object may be that which was exported. A dry run looks for all."""
        if found.kind != "label" and found.uid is None and not self._wanted.dry_run:
            return None
        media_id, states = self._there
        if media_id != found.media_id:
            states = await objects_on(self._bus, self._wanted.project_id, found.media_id)
            self._there = found.media_id, states
        return states.get(edit.object) or states.get(found.uid or "")

    def _count_tried(self, found: ImportedObject) -> None:
        lacking = None if self._wanted.add_classes else self._resolver.missing_for(found)
        if lacking is not None:
            self._progress.counts.refuse(found.where, lacking)
        else:
            self._progress.counts.created += 1

    def _count_there(self, there: ObjectState) -> None:
        """An attempt that was killed made some: those are this import's progress."""
        if (there.created_at or 0.0) >= self._wanted.created_at and not self._wanted.dry_run:
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
                self._count_there(result.object)
            case "duplicate":
                self._progress.counts.unchanged += 1
            case _:
                self._progress.counts.refuse(where, result.reason or reason_for("changed_meanwhile"))


def _edits(edit: Create, found: ImportedObject, import_id: str) -> list[Create | MakeDefault]:
    """What makes the object, all of an import as one act."""
    made: list[Create | MakeDefault] = [edit.model_copy(update={"operation": import_id})]
    if found.default:
        chosen = stable_id("import default", edit.id)
        made.append(MakeDefault(id=chosen, object=edit.object, base_revision=1, operation=import_id))
    return made
