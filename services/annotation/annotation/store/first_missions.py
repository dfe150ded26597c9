"""Missions as the first release stored them, with names alone, made documents of today."""

from typing import Any

from pymongo import ReplaceOne
from pymongo.errors import OperationFailure

from annotation.domain.missions import MUTABLE
from annotation.store.mission_documents import pack_mission
from common.contract.missions import Mission
from common.storage.mongo import Database, Document

_NO_SUCH_INDEX = 27


async def give_missions_ids(database: Database) -> None:
    """Rewrite missions whose types, attributes and behaviours were names; and let a name be used again once its
    mission is deleted."""
    old: Document = {"revision": {"$exists": False}}
    async for document in database.missions.find(old):
        mission = Mission.model_validate(_restructured(document))
        after = pack_mission(document["project_id"], mission, document["position"])
        await database.missions.bulk_write([ReplaceOne({"_id": document["_id"], **old}, after)])
    try:
        await database.missions.drop_index([("project_id", 1), ("name", 1)])
    except OperationFailure as error:
        if error.code != _NO_SUCH_INDEX:
            raise
    await database.missions.create_index(
        [("project_id", 1), ("name", 1)],
        name="names",
        unique=True,
        partialFilterExpression={"deleted": False},
    )


def _restructured(document: Document) -> Document:
    builtin = document["builtin"]
    behaviors = [one for one in document["behaviors"] if _is_name(one["name"])]
    return {
        "id": document["_id"],
        "name": document["name"],
        "builtin": builtin,
        "annotation_types": document["annotation_types"],
        "categories": [_category(one, builtin=builtin) for one in document["categories"][:5000]],
        "behaviors": [{"name": one["name"], "attributes": one["value"][:200]} for one in behaviors[:1000]],
    }


def _category(before: Document, *, builtin: bool) -> Document:
    attributes = [one for one in before["attributes"] if _is_name(one["name"])]
    return {
        "name": before["name"],
        "color": before["color"],
        "types": [{"name": name} for name in before["types"] if _is_name(name)][:1000],
        "attributes": [_attribute(one["name"], one["value"], builtin=builtin) for one in attributes[:200]],
    }


def _attribute(name: str, values: list[str], *, builtin: bool) -> dict[str, Any]:
    kind = "select" if values else "text"
    return {"name": name, "kind": kind, "values": values[:1000], "mutable": builtin and name in MUTABLE}


def _is_name(text: str) -> bool:
    """The first release did not look how long the names of types and attributes were."""
    return 0 < len(text) <= 200
