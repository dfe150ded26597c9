"""Use cases of missions: save and delete, after moving the objects of removed classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from annotation.domain.mission_validation import mission_changed, mission_name_taken, normalize_mission
from annotation.domain.missions import OBJECT_DETECTION, mission_id
from annotation.domain.reclassification import (
    Reclassification,
    orphans,
    plan_reclassifications,
    removes_classes,
    with_used_classes,
)
from annotation.missions.ontologies import OntologyService
from annotation.missions.reclassification import ReclassificationService
from annotation.missions.repository import MissionRepository, StoredMission, digest_of
from annotation.objects.by_class import ObjectsByClass
from common.contract.errors import Problem
from common.contract.missions import Mission
from common.contract.questions import CategoryUse, DeleteMission, SaveMission
from common.service.ids import stable_id

MAX_MISSIONS = 500
POSITION_AFTER_BUILTINS = 100
# Labeling continues while objects are moved; objects created in the meantime are moved in the next round.
ROUNDS = 5


class _Missions(NamedTuple):
    """The missions of a project as read in one transaction, and the one to change."""

    stored: Sequence[StoredMission]
    before: StoredMission | None
    others: Mapping[str, Mission]


@dataclass(frozen=True, slots=True)
class MissionService:
    """Saves and deletes missions. Objects are moved by ordinary edits first. An interrupted change continues when the
    request is repeated."""

    missions: MissionRepository
    ontologies: OntologyService
    objects: ObjectsByClass
    reclassification: ReclassificationService

    async def save(self, question: SaveMission) -> Mission:
        """Save a mission.

        Raises:
            Problem: The mission was changed in the meantime, is invalid, or lacks a target for a removed class in use.
        """
        await self.ontologies.missions(question.project_id)
        operation = stable_id("moved", question.mission.id, question.mission.revision)
        for _ in range(ROUNDS):
            saved, moves = await self.save_once(question)
            if not moves:
                return saved
            await self.reclassification.move(question.project_id, moves, operation, question.author)
        raise Problem("objects_keep_changing")

    async def save_once(self, question: SaveMission) -> tuple[Mission, list[Reclassification]]:
        """Save a mission in one transaction. If objects must be moved first, their classes are kept until it is saved
        again. Returns the stored mission and the moves."""
        saved = await self.missions.transaction(lambda session: self._save(question, session))
        self.ontologies.changed(question.project_id)
        return saved

    async def delete(self, question: DeleteMission) -> None:
        """Delete a mission.

        Raises:
            Problem: The mission does not exist, or lacks a target for its objects.
        """
        await self.ontologies.missions(question.project_id)
        operation = stable_id("moved", question.mission_id)
        for _ in range(ROUNDS):
            moves = await self.missions.transaction(lambda session: self._delete(question, session))
            self.ontologies.changed(question.project_id)
            if not moves:
                return
            await self.reclassification.move(question.project_id, moves, operation, question.author)
        raise Problem("objects_keep_changing")

    async def _save(self, question: SaveMission, session: Any) -> tuple[Mission, list[Reclassification]]:
        project_id, submitted = question.project_id, question.mission
        digest = digest_of(submitted)
        missions = await self._read(project_id, submitted.id, session)
        if missions.before is None:
            return await self._create(project_id, submitted, missions, session), []
        before, stored = missions.before, _existing(missions.before)
        is_same_request = before.request == digest
        if is_same_request and not before.partial:
            return stored, []
        if not is_same_request and submitted.revision != stored.revision:
            raise mission_changed(stored)
        after = _next_revision(submitted, stored, missions.others)
        uses = await self._orphans(project_id, stored, after, session)
        moves = plan_reclassifications(uses, question.moves, {**missions.others, after.id: after})
        if moves and is_same_request and before.partial:
            return stored, moves
        saved = with_used_classes(after, stored, uses) if moves else after
        changed = StoredMission(saved.id, before.position, saved.revision, saved, digest, partial=bool(moves))
        await self.missions.write(session, project_id, changed)
        return saved, moves

    async def _create(self, project_id: str, submitted: Mission, missions: _Missions, session: Any) -> Mission:
        if await self.missions.exists(submitted.id, session):
            raise Problem("mission_not_found")
        if submitted.revision:
            raise Problem("mission_is_new")
        if len(missions.stored) >= MAX_MISSIONS:
            raise Problem("too_many_missions", limit=MAX_MISSIONS)
        after = _next_revision(submitted, None, missions.others)
        stored = StoredMission(after.id, POSITION_AFTER_BUILTINS, after.revision, after, digest_of(submitted))
        await self.missions.write(session, project_id, stored)
        return after

    async def _orphans(self, project_id: str, before: Mission, after: Mission, session: Any) -> list[CategoryUse]:
        if not removes_classes(before, after):
            return []
        return orphans(await self.objects.uses(project_id, before.id, session), before, after)

    async def _delete(self, question: DeleteMission, session: Any) -> list[Reclassification]:
        missions = await self._read(question.project_id, question.mission_id, session)
        if missions.before is None:
            raise Problem("mission_not_found")
        stored = missions.before.mission
        if stored is None:
            return []
        if question.mission_id == mission_id(question.project_id, OBJECT_DETECTION):
            raise Problem("detection_mission_required")
        uses = await self.objects.uses(question.project_id, stored.id, session)
        targets = {**missions.others, stored.id: stored}
        if moves := plan_reclassifications(uses, question.moves, targets, question.to_mission, leaving=stored.id):
            return moves
        deleted = StoredMission(stored.id, missions.before.position, stored.revision + 1, None)
        await self.missions.write(session, question.project_id, deleted)
        return []

    async def _read(self, project_id: str, mission_id: str, session: Any) -> _Missions:
        stored = await self.missions.of_project(project_id, session)
        before = next((mission for mission in stored if mission.id == mission_id), None)
        others = {
            mission.id: mission.mission
            for mission in stored
            if mission.mission is not None and mission.id != mission_id
        }
        return _Missions(stored, before, others)


def _next_revision(submitted: Mission, stored: Mission | None, others: Mapping[str, Mission]) -> Mission:
    """The next revision of a mission."""
    if any(other.name == submitted.name for other in others.values()):
        raise mission_name_taken(submitted.name)
    return normalize_mission(submitted, stored).model_copy(update={"revision": stored.revision + 1 if stored else 1})


def _existing(before: StoredMission) -> Mission:
    if before.mission is None:
        raise Problem("mission_deleted")
    return before.mission
