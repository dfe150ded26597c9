"""The missions of projects in MongoDB."""

from collections.abc import Iterable
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from annotation.domain.missions import (
    OBJECT_DETECTION,
    builtin_missions,
    check,
    missing_categories,
    mission_id,
    name_taken,
)
from annotation.store.documents import pairs_of
from common.errors import not_found
from common.labels import Category, Mission
from common.mongo import Database, Document

_AFTER_BUILTINS = 100


class MissionStore:
    """Missions by project: the built-in ones first, then others in the order of their ids."""

    def __init__(self, database: Database) -> None:
        self._missions = database.missions

    async def of_project(self, project_id: str, session: object = None) -> list[Mission]:
        """All missions of a project; the built-in ones are made when they are first asked for."""
        missions = await self._find(project_id, session)
        present = {mission.id for mission in missions}
        builtins = enumerate(builtin_missions(project_id))
        missing = [(position, mission) for position, mission in builtins if mission.id not in present]
        if not missing:
            return missions
        writes = [
            UpdateOne({"_id": mission.id}, {"$setOnInsert": _new(project_id, mission, position)}, upsert=True)
            for position, mission in missing
        ]
        await self._missions.bulk_write(writes, ordered=False)
        return await self._find(project_id)

    async def _find(self, project_id: str, session: object = None) -> list[Mission]:
        cursor = self._missions.find({"project_id": project_id}, session=session).sort([("position", 1), ("_id", 1)])
        return [_unpack(document) async for document in cursor]

    async def save(self, project_id: str, mission: Mission) -> Mission:
        """Add a mission or replace the one with the same id; a built-in one stays built in.

        Raises:
            Problem: a name is there twice, or the id is another project's.
        """
        check(mission)
        await self.of_project(project_id)
        added = {"builtin": False, "position": _AFTER_BUILTINS}
        saved = _pack(mission)
        saved.pop("builtin")
        try:
            document = await self._missions.find_one_and_update(
                {"_id": mission.id, "project_id": project_id},
                {"$set": saved, "$setOnInsert": added},
                upsert=True,
                return_document=True,
            )
        except DuplicateKeyError as error:
            same_name = "name" in (error.details or {}).get("keyPattern", {})
            raise (name_taken(mission.name) if same_name else not_found("mission")) from error
        return _unpack(document)

    async def detecting(self, project_id: str, labels: Iterable[str]) -> Mission:
        """The mission that detected objects belong to, with a category for each of `labels`."""
        missions = await self.of_project(project_id)
        detection = next(one for one in missions if one.id == mission_id(project_id, OBJECT_DETECTION))
        for category in missing_categories(detection, labels):
            await self._missions.update_one(
                {"_id": detection.id, "categories.name": {"$ne": category.name}},
                {"$push": {"categories": _pack_category(category)}},
            )
        return detection


def _new(project_id: str, mission: Mission, position: int) -> Document:
    return {"project_id": project_id, "position": position, **_pack(mission)}


def _pack(mission: Mission) -> Document:
    document: dict[str, Any] = mission.model_dump(exclude={"id"})
    document["categories"] = [_pack_category(category) for category in mission.categories]
    document["behaviors"] = pairs_of(mission.behaviors)
    return document


def _pack_category(category: Category) -> Document:
    return category.model_dump() | {"attributes": pairs_of(category.attributes)}


def _unpack(document: Document) -> Mission:
    categories = [
        category | {"attributes": {pair["name"]: pair["value"] for pair in category["attributes"]}}
        for category in document["categories"]
    ]
    behaviors = {pair["name"]: pair["value"] for pair in document["behaviors"]}
    return Mission.model_validate(document | {"id": document["_id"], "categories": categories, "behaviors": behaviors})
