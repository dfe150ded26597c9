"""Objects and changes as the first release stored them, field by field, made documents of today."""

from collections.abc import AsyncIterator, Iterable
from typing import Any

from pydantic import TypeAdapter
from pymongo import ReplaceOne

from annotation.domain.batch import Current
from annotation.domain.missions import BUILTINS, mission_id
from annotation.domain.tracks import reach
from annotation.store.documents import change_id, day_of, json_of_state, pack_object, unpack_spans
from common.contract.edits import Edit
from common.contract.labels import ObjectState
from common.storage.mongo import Database, Document

_AT_ONCE = 200
_EDIT: TypeAdapter[Edit] = TypeAdapter(Edit)
Moment = float


class Names:
    """The ids of missions, which objects had by name."""

    def __init__(self, missions: Iterable[Document]) -> None:
        self._ids = {(one["project_id"], one["name"]): one["_id"] for one in missions if "name" in one}

    def id_of(self, project_id: str, name: str) -> str:
        """The mission of that name; a name that no mission has stays what it is."""
        if found := self._ids.get((project_id, name)):
            return str(found)
        return mission_id(project_id, name) if name in BUILTINS else name


async def store_states_as_json(database: Database) -> None:
    """Rewrite the objects and changes that the first release stored. What is written is not looked at again, so that a
    migration which was killed goes on where it was."""
    names = Names([one async for one in database.missions.find({}, ("project_id", "name"))])
    async for found in _old(database.objects):
        made = await _made_at(database.changes, found)
        writes = [_rewritten(one, _object(one, names, made)) for one in found]
        await database.objects.bulk_write(writes, ordered=False)
    async for found in _old(database.changes):
        made = await _made_at(database.changes, [one["object"] for one in found])
        writes = [_rewritten(one, _change(one, names, made)) for one in found]
        await database.changes.bulk_write(writes, ordered=False)


async def _old(collection: Database) -> AsyncIterator[list[Document]]:
    """The documents that are not rewritten yet, in the order of their keys, some at a time."""
    after: Any = ""
    while True:
        query = {"_id": {"$gt": after}, "state": {"$exists": False}}
        found = await collection.find(query).sort("_id", 1).limit(_AT_ONCE).to_list(None)
        if not found:
            return
        yield found
        after = found[-1]["_id"]


async def _made_at(changes: Database, objects: Iterable[Document]) -> dict[str, Moment]:
    """When objects were made."""
    first = [change_id(one["_id"], 1) for one in objects]
    return {one["_id"]: one["at"] async for one in changes.find({"_id": {"$in": first}}, {"at": 1})}


def _rewritten(before: Document, after: Document) -> ReplaceOne[Document]:
    """Replace the document unless another replica did so, or an edit came between."""
    return ReplaceOne({"_id": before["_id"], "revision": before["revision"], "state": {"$exists": False}}, after)


def _state(document: Document, names: Names, made: dict[str, Moment]) -> ObjectState:
    fields = _with_attributes(document) | {"id": document["_id"]}
    fields["mission"] = names.id_of(document["project_id"], document["mission"])
    fields["created_at"] = made.get(change_id(document["_id"], 1))
    return ObjectState.model_validate(fields)


def _object(document: Document, names: Names, made: dict[str, Moment]) -> Document:
    state = _state(document, names, made)
    current = Current(state, unpack_spans(document), document["by_person"], document["at"])
    return pack_object(current, json_of_state(state))


def _change(document: Document, names: Names, made: dict[str, Moment]) -> Document:
    state = _state(document["object"], names, made)
    edit = _with_attributes(document["edit"])
    if mission := edit.get("mission"):
        edit["mission"] = names.id_of(document["project_id"], mission)
    span = reach(state.keyframes)
    kept = {name: value for name, value in document.items() if name != "object"}
    return kept | {
        "operation": document["edit_id"],
        "day": day_of(document["at"]),
        "first": span.first,
        "last": span.last,
        "deleted": state.deleted,
        "edit": _EDIT.validate_python(edit).model_dump_json().encode(),
        "state": json_of_state(state),
    }


def _with_attributes(document: Document) -> Document:
    """A document whose attributes are a dictionary again: they were pairs."""
    if "attributes" not in document:
        return dict(document)
    return {**document, "attributes": {pair["name"]: pair["value"] for pair in document["attributes"]}}
