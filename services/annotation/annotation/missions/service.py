"""Missions that change or go, and the objects that have to move before."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from annotation.domain.mission_validation import changed_meanwhile, name_taken, settled
from annotation.domain.missions import OBJECT_DETECTION, mission_id
from annotation.domain.reclassification import Move, destinations, homeless, loses, retained
from annotation.missions.documents import digest_of, pack_mark, pack_mission, unpack_mission
from annotation.missions.reclassify import Moving
from annotation.missions.repository import AFTER_BUILTINS, MissionStore
from annotation.objects.by_class import Uses
from annotation.transaction import in_transaction
from common.contract.missions import Mission
from common.contract.questions import CategoryUse, DeleteMission, SaveMission
from common.service.errors import Problem, not_found
from common.service.ids import same_id
from common.storage.mongo import Database, Document

MAX_MISSIONS = 500
# People go on labeling while objects move; what they make meanwhile moves in the next round.
ROUNDS = 5


class _Stored(NamedTuple):
    """The missions of a project, and the one that is to change, in one transaction."""

    documents: Sequence[Document]
    before: Document | None
    others: Mapping[str, Mission]


class MissionChanges:
    """Saves and deletes missions. Objects are moved by ordinary edits first; a change that was interrupted goes on
    where it was when it is asked for again."""

    def __init__(self, database: Database, missions: MissionStore, moving: Moving) -> None:
        self._client = database.client
        self._ids = database.missions
        self._uses = Uses(database)
        self._missions = missions
        self._moving = moving

    async def save(self, asked: SaveMission) -> Mission:
        """The mission as it is saved.

        Raises:
            Problem: it was changed meanwhile, a name is there twice, or nobody said where objects go.
        """
        await self._missions.of_project(asked.project_id)
        operation = same_id("moved", asked.mission.id, asked.mission.revision)
        for _ in range(ROUNDS):
            saved, moves = await self._saved(asked)
            if not moves:
                return saved
            await self._moving.move(asked.project_id, moves, operation, asked.author)
        raise _not_moved()

    async def _saved(self, asked: SaveMission) -> tuple[Mission, list[Move]]:
        saved = await in_transaction(self._client, lambda session: self._save(asked, session))
        self._missions.forget(asked.project_id)
        return saved

    async def delete(self, asked: DeleteMission) -> None:
        """Delete a mission.

        Raises:
            Problem: there is no such mission, or nobody said where its objects go.
        """
        await self._missions.of_project(asked.project_id)
        operation = same_id("moved", asked.mission_id)
        for _ in range(ROUNDS):
            moves = await in_transaction(self._client, lambda session: self._delete(asked, session))
            self._missions.forget(asked.project_id)
            if not moves:
                return
            await self._moving.move(asked.project_id, moves, operation, asked.author)
        raise _not_moved()

    async def _save(self, asked: SaveMission, session: Any) -> tuple[Mission, list[Move]]:
        """The mission as it is now; where objects have to move, it still has what they are, until it is saved again."""
        project_id, given, digest = asked.project_id, asked.mission, digest_of(asked.mission)
        documents, before, others = await self._read(project_id, given.id, session)
        if before is None:
            await self._check_new(given, documents, session)
            after = _changed(given, None, others)
            await self._missions.write(session, pack_mission(project_id, after, AFTER_BUILTINS, asked=digest), after)
            return after, []
        stored = _still_there(before)
        if before["asked"] == digest and not before["partial"]:
            return stored, []
        if before["asked"] != digest and given.revision != stored.revision:
            raise changed_meanwhile(stored)
        after = _changed(given, stored, others)
        uses = await self._homeless(project_id, stored, after, session)
        moves = destinations(uses, asked.moves, {**others, after.id: after})
        if moves and before["partial"] and before["asked"] == digest:
            return stored, moves
        kept = retained(after, stored, uses) if moves else after
        packed = pack_mission(project_id, kept, before["position"], asked=digest, partial=bool(moves))
        await self._missions.write(session, packed, kept)
        return kept, moves

    async def _homeless(self, project_id: str, before: Mission, after: Mission, session: Any) -> list[CategoryUse]:
        if not loses(before, after):
            return []
        return homeless(await self._uses.of(project_id, before.id, session), before, after)

    async def _delete(self, asked: DeleteMission, session: Any) -> list[Move]:
        _, before, others = await self._read(asked.project_id, asked.mission_id, session)
        if before is None:
            raise not_found("mission")
        if before["deleted"]:
            return []
        if asked.mission_id == mission_id(asked.project_id, OBJECT_DETECTION):
            raise Problem(409, "Needed", "What detectors find goes into this mission; it can be changed, not deleted.")
        stored = unpack_mission(before)
        uses = await self._uses.of(asked.project_id, stored.id, session)
        if moves := destinations(uses, asked.moves, {**others, stored.id: stored}, asked.to_mission, leaving=stored.id):
            return moves
        gone = stored.model_copy(update={"revision": stored.revision + 1})
        await self._missions.write(session, pack_mark(asked.project_id, gone, before["position"]), None)
        return []

    async def _read(self, project_id: str, mission: str, session: Any) -> _Stored:
        documents = await self._missions.documents(project_id, session)
        before = next((one for one in documents if one["_id"] == mission), None)
        alive = [one for one in documents if not one["deleted"] and one["_id"] != mission]
        return _Stored(documents, before, {one["_id"]: unpack_mission(one) for one in alive})

    async def _check_new(self, given: Mission, documents: Sequence[Document], session: Any) -> None:
        if await self._ids.find_one({"_id": given.id}, {"_id": 1}, session=session):
            raise not_found("mission")
        if given.revision:
            raise Problem(409, "Changed meanwhile", "There is no such mission to change; add it with revision 0.")
        if len(documents) >= MAX_MISSIONS:
            raise Problem(409, "Too many missions", f"A project has at most {MAX_MISSIONS} missions.")


def _changed(given: Mission, stored: Mission | None, others: Mapping[str, Mission]) -> Mission:
    """The next revision of a mission."""
    if any(one.name == given.name for one in others.values()):
        raise name_taken(given.name)
    return settled(given, stored).model_copy(update={"revision": stored.revision + 1 if stored else 1})


def _still_there(before: Document) -> Mission:
    if before["deleted"]:
        raise Problem(409, "Deleted", "Somebody deleted this mission; add it as a new one.")
    return unpack_mission(before)


def _not_moved() -> Problem:
    return Problem(409, "In use", "People keep changing the objects that are to move; try again.")
