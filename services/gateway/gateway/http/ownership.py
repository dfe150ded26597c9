"""Whose things are: which project a medium, upload, object, run, export, import or version belongs
to.

That never changes, so each is asked once and the most recent ones are kept.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from common.contract.questions import FindObject, GetExport, GetImport, GetMedium, GetRun, GetUpload, GetVersion
from common.messaging.bus import Bus
from common.service.errors import not_found
from common.service.ids import is_id

KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Owner:
    """The project a thing belongs to; for an object also its medium, for a medium its length once known."""

    project_id: str
    media_id: str | None = None
    frame_count: int | None = None


class OwnerLookup:
    """Asks the services that own the things."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._kept: OrderedDict[tuple[str, str], Owner] = OrderedDict()

    async def medium(self, media_id: str) -> Owner:
        """Raises Problem 404 if there is none."""
        return await self._find("medium", media_id, self._ask_medium)

    async def upload(self, upload_id: str) -> Owner:
        """Raises Problem 404 if there is none."""
        return await self._find("upload", upload_id, self._ask_upload)

    async def object(self, object_id: str) -> Owner:
        """Raises Problem 404 if there is none."""
        return await self._find("object", object_id, self._ask_object)

    async def run(self, run_id: str) -> Owner:
        """Raises Problem 404 if there is none."""
        return await self._find("run", run_id, self._ask_run)

    async def export(self, export_id: str) -> Owner:
        """Raises Problem 404 if there is none."""
        return await self._find("export", export_id, self._ask_export)

    async def import_(self, import_id: str) -> Owner:
        """Raises Problem 404 if there is none."""
        return await self._find("import", import_id, self._ask_import)

    async def version(self, version_id: str) -> Owner:
        """Raises Problem 404 if there is none."""
        return await self._find("version", version_id, self._ask_version)

    async def frame_count(self, media_id: str) -> int | None:
        """How many frames a medium has, None while they are being counted."""
        owned = await self.medium(media_id)
        if owned.frame_count is None:
            self.forget_medium(media_id)
            owned = await self.medium(media_id)
        return owned.frame_count

    def forget_medium(self, media_id: str) -> None:
        """The medium is gone, or more became known of it."""
        self._kept.pop(("medium", media_id), None)

    async def _find(self, kind: str, thing_id: str, ask: Callable[[str], Awaitable[Owner]]) -> Owner:
        if not is_id(thing_id):
            raise not_found(kind)
        if (kind, thing_id) not in self._kept:
            self._kept[kind, thing_id] = await ask(thing_id)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end((kind, thing_id))
        return self._kept[kind, thing_id]

    async def _ask_medium(self, media_id: str) -> Owner:
        medium = await self._bus.ask(GetMedium(media_id=media_id))
        return Owner(medium.project_id, media_id, medium.frame_count)

    async def _ask_upload(self, upload_id: str) -> Owner:
        return Owner((await self._bus.ask(GetUpload(upload_id=upload_id))).project_id)

    async def _ask_object(self, object_id: str) -> Owner:
        owner = await self._bus.ask(FindObject(object_id=object_id))
        return Owner(owner.project_id, owner.media_id)

    async def _ask_run(self, run_id: str) -> Owner:
        return Owner((await self._bus.ask(GetRun(run_id=run_id))).project_id)

    async def _ask_export(self, export_id: str) -> Owner:
        return Owner((await self._bus.ask(GetExport(export_id=export_id))).project_id)

    async def _ask_import(self, import_id: str) -> Owner:
        return Owner((await self._bus.ask(GetImport(import_id=import_id))).project_id)

    async def _ask_version(self, version_id: str) -> Owner:
        return Owner((await self._bus.ask(GetVersion(version_id=version_id))).project_id)
