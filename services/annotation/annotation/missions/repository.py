"""The missions of projects in MongoDB."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from annotation.domain.mission_validation import settled
from annotation.domain.missions import BUILTINS, OBJECT_DETECTION, builtin_missions, missing_categories, mission_id
from annotation.domain.ontology import Ontology
from annotation.missions.documents import pack_mission, unpack_mission
from annotation.outbox.events import Tellings
from annotation.transaction import in_transaction
from common.contract.events import MissionChanged
from common.contract.missions import Mission
from common.storage.mongo import Database, Document

REMEMBERED_S = 2.0
AFTER_BUILTINS = 100
_PROJECTS_REMEMBERED = 1000


class _Remembered(NamedTuple):
    ontology: Ontology
    at: float


class MissionStore:
    """Missions by project: the built-in ones first, then others in the order of their ids. A deleted one leaves a
    mark, so that nothing brings it back."""

    def __init__(self, database: Database, tellings: Tellings, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = database.client
        self._missions = database.missions
        self._tellings = tellings
        self._clock = clock
        self._remembered: dict[str, _Remembered] = {}

    async def of_project(self, project_id: str, session: object = None) -> list[Mission]:
        """All missions of a project; the built-in ones are made when they are first asked for."""
        documents = await self.documents(project_id, session)
        if not {mission_id(project_id, name) for name in BUILTINS} <= {document["_id"] for document in documents}:
            await in_transaction(self._client, lambda session: self._make_builtins(project_id, session))
            documents = await self.documents(project_id)
        return [unpack_mission(document) for document in documents if not document["deleted"]]

    async def documents(self, project_id: str, session: object = None) -> list[Document]:
        """The documents of a project's missions, those that were deleted too."""
        cursor = self._missions.find({"project_id": project_id}, session=session).sort([("position", 1), ("_id", 1)])
        documents: list[Document] = await cursor.to_list(None)
        return documents

    async def ontology(self, project_id: str, *, fresh: bool = False) -> Ontology:
        """What names mean in a project, as it was at most two seconds ago; or as it is, if it has to be `fresh`."""
        known = self._remembered.get(project_id)
        now = self._clock()
        if known is not None and not fresh and now - known.at < REMEMBERED_S:
            return known.ontology
        ontology = Ontology.of(await self.of_project(project_id))
        if len(self._remembered) >= _PROJECTS_REMEMBERED:
            self._remembered.clear()
        self._remembered[project_id] = _Remembered(ontology, now)
        return ontology

    def forget(self, project_id: str) -> None:
        """Have the missions of a project read again: one was changed."""
        self._remembered.pop(project_id, None)
        self._tellings.wake()

    async def detecting(self, project_id: str, labels: Iterable[str]) -> Mission:
        """The mission that detected objects belong to, with a category for each of `labels`."""
        wanted = list(labels)
        missions = await self.of_project(project_id)
        detection = next(one for one in missions if one.id == mission_id(project_id, OBJECT_DETECTION))
        if not missing_categories(detection, wanted):
            return detection
        detection = await in_transaction(self._client, lambda session: self._add(project_id, wanted, session))
        self.forget(project_id)
        return detection

    async def _add(self, project_id: str, labels: Sequence[str], session: Any) -> Mission:
        documents = await self.documents(project_id, session)
        before = next(one for one in documents if one["_id"] == mission_id(project_id, OBJECT_DETECTION))
        stored = unpack_mission(before)
        added = missing_categories(stored, labels)
        if not added:
            return stored
        grown = {"categories": [*stored.categories, *added], "revision": stored.revision + 1}
        after = settled(stored.model_copy(update=grown), stored)
        await self.write(session, pack_mission(project_id, after, before["position"]), after)
        return after

    async def write(self, session: Any, document: Document, mission: Mission | None) -> None:
        """Store the document of a mission that is new or changed, or of one that is gone, and keep the news of it."""
        await self._missions.replace_one({"_id": document["_id"]}, document, upsert=True, session=session)
        news = MissionChanged(
            project_id=document["project_id"],
            mission_id=document["_id"],
            revision=document["revision"],
            mission=mission,
        )
        await self._tellings.keep(session, news)

    async def _make_builtins(self, project_id: str, session: Any) -> None:
        present = {document["_id"] for document in await self.documents(project_id, session)}
        for position, mission in enumerate(builtin_missions(project_id)):
            if mission.id not in present:
                await self.write(session, pack_mission(project_id, mission, position), mission)
