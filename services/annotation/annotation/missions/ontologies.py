"""The missions of a project as its ontology: built-in missions, categories of detections, lookup by name."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from annotation.domain.mission_validation import normalize_mission
from annotation.domain.missions import BUILTINS, OBJECT_DETECTION, builtin_missions, missing_categories, mission_id
from annotation.domain.ontology import Ontology
from annotation.missions.repository import MissionRepository, StoredMission
from common.contract.missions import Mission
from common.storage.cache import AsyncCache

CACHED_FOR_S = 2.0
_CACHED_PROJECTS = 1000


class OntologyService:
    """Reads the missions of projects and creates the built-in ones. `wake_outbox` is called after each commit that
    stored events."""

    def __init__(
        self,
        missions: MissionRepository,
        wake_outbox: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._missions = missions
        self._wake_outbox = wake_outbox
        self._cache: AsyncCache[str, Ontology] = AsyncCache(_CACHED_PROJECTS, ttl_s=CACHED_FOR_S, clock=clock)

    async def missions(self, project_id: str, session: object = None) -> list[Mission]:
        """All missions of a project; the built-in ones are created on first use."""
        stored = await self._missions.of_project(project_id, session)
        if not {mission_id(project_id, name) for name in BUILTINS} <= {mission.id for mission in stored}:
            await self._missions.transaction(lambda session: self._create_builtins(project_id, session))
            self._wake_outbox()
            stored = await self._missions.of_project(project_id)
        return [mission.mission for mission in stored if mission.mission is not None]

    async def ontology(self, project_id: str, *, fresh: bool = False) -> Ontology:
        """The ontology of a project, at most two seconds old; with `fresh`, the stored one."""
        if fresh:
            self._cache.forget(project_id)
        ontology = await self._cache.get(project_id, lambda: self._load(project_id))
        assert ontology is not None
        return ontology

    async def _load(self, project_id: str) -> Ontology:
        return Ontology(await self.missions(project_id))

    def changed(self, project_id: str) -> None:
        """Drop the cached ontology after a mission was changed, and publish the change."""
        self._cache.forget(project_id)
        self._wake_outbox()

    async def ensure_categories(self, project_id: str, labels: Iterable[str]) -> Mission:
        """The mission of detections, with a category for each of a detector's labels."""
        names = list(labels)
        detection_id = mission_id(project_id, OBJECT_DETECTION)
        detection = next(mission for mission in await self.missions(project_id) if mission.id == detection_id)
        if not missing_categories(detection, names):
            return detection
        detection = await self._missions.transaction(lambda session: self._add(project_id, names, session))
        self.changed(project_id)
        return detection

    async def _add(self, project_id: str, labels: Sequence[str], session: Any) -> Mission:
        detection_id = mission_id(project_id, OBJECT_DETECTION)
        stored = next(
            mission for mission in await self._missions.of_project(project_id, session) if mission.id == detection_id
        )
        before = stored.mission
        assert before is not None, "The detection mission cannot be deleted"
        added = missing_categories(before, labels)
        if not added:
            return before
        fields = {"categories": [*before.categories, *added], "revision": before.revision + 1}
        after = normalize_mission(before.model_copy(update=fields), before)
        # The request is reset, so that repeating it does not remove the new categories.
        changed = replace(stored, mission=after, revision=after.revision, request=None, partial=False)
        await self._missions.write(session, project_id, changed)
        return after

    async def _create_builtins(self, project_id: str, session: Any) -> None:
        present = {stored_mission.id for stored_mission in await self._missions.of_project(project_id, session)}
        for position, mission in enumerate(builtin_missions(project_id)):
            if mission.id not in present:
                stored = StoredMission(mission.id, position, mission.revision, mission)
                await self._missions.write(session, project_id, stored)
