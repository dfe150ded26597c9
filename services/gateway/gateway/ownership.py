"""Which project a resource belongs to: a medium, upload, object, run, export, import or dataset version.

That never changes, so each is looked up once, in the service that owns it, and cached.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from common.contract import questions
from common.contract.errors import Problem
from common.messaging.bus import Bus
from common.service.ids import is_id
from common.storage.cache import AsyncCache

MAX_CACHED = 20_000
Noun = Literal["medium", "upload", "object", "run", "export", "import", "version"]


@dataclass(frozen=True, slots=True)
class Owner:
    """The project of a resource; of an object also its medium, of a medium its length once it is known."""

    project_id: str
    media_id: str | None = None
    frame_count: int | None = None


class OwnerLookup:
    """Finds the owners of resources, and caches them."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._owners: AsyncCache[tuple[Noun, str], Owner] = AsyncCache(MAX_CACHED)

    async def owner(self, noun: Noun, resource_id: str) -> Owner:
        """The owner of a resource. Raises Problem `<noun>_not_found`."""
        if not is_id(resource_id):
            raise Problem(f"{noun}_not_found")
        owner = await self._owners.get((noun, resource_id), lambda: _LOOKUPS[noun](self._bus, resource_id))
        if owner is None:
            raise Problem(f"{noun}_not_found")
        return owner

    async def frame_count(self, media_id: str) -> int | None:
        """The number of frames of a medium, None while it is not known."""
        owner = await self.owner("medium", media_id)
        if owner.frame_count is None:
            self.forget_medium(media_id)
            owner = await self.owner("medium", media_id)
        return owner.frame_count

    def forget_medium(self, media_id: str) -> None:
        """Drop a medium that was deleted or has become longer."""
        self._owners.forget(("medium", media_id))


async def _medium(bus: Bus, media_id: str) -> Owner:
    medium = await bus.ask(questions.GetMedium(media_id=media_id))
    return Owner(medium.project_id, media_id, medium.frame_count)


async def _object(bus: Bus, object_id: str) -> Owner:
    labeled = await bus.ask(questions.FindObject(object_id=object_id))
    return Owner(labeled.project_id, labeled.media_id)


def _by(question: Callable[[str], questions.Question[Any]]) -> Callable[[Bus, str], Awaitable[Owner | None]]:
    async def look_up(bus: Bus, resource_id: str) -> Owner | None:
        return Owner((await bus.ask(question(resource_id))).project_id)

    return look_up


_LOOKUPS: dict[Noun, Callable[[Bus, str], Awaitable[Owner | None]]] = {
    "medium": _medium,
    "object": _object,
    "upload": _by(lambda upload_id: questions.GetUpload(upload_id=upload_id)),
    "run": _by(lambda run_id: questions.GetRun(run_id=run_id)),
    "export": _by(lambda export_id: questions.GetExport(export_id=export_id)),
    "import": _by(lambda import_id: questions.GetImport(import_id=import_id)),
    "version": _by(lambda version_id: questions.GetVersion(version_id=version_id)),
}
