"""Objects and changes as MongoDB documents. Attributes are pairs there: a name may be anything, also `$ref` or `a.b`,
and one index can serve all names."""

from typing import Any

from pydantic import TypeAdapter

from annotation.domain.batch import Change, Current
from annotation.domain.rebase import touches
from annotation.domain.tracks import Span, reach
from common.labels import Edit, ObjectState
from common.mongo import Document

_STATE = tuple(ObjectState.model_fields)
_EDIT: TypeAdapter[Edit] = TypeAdapter(Edit)


def change_id(object_id: str, revision: int) -> str:
    """The key of the change that made a revision of an object; keys of one object sort by revision."""
    return f"{object_id}:{revision:09d}"


def changes_of(object_id: str, before: int | None = None) -> dict[str, str]:
    """The range of the keys of an object's changes, up to (not including) revision `before`."""
    return {"$gte": f"{object_id}:", "$lt": change_id(object_id, before) if before is not None else f"{object_id};"}


def pack_state(state: ObjectState) -> Document:
    """An object's state as a document."""
    document = _with_pairs(state.model_dump())
    return {"_id": document.pop("id"), **document}


def unpack_state(document: Document) -> ObjectState:
    """The state in a document that may hold more than that."""
    return ObjectState.model_validate(state_fields(document))


def state_fields(document: Document) -> dict[str, Any]:
    """The fields of `ObjectState` in a document, as they travel."""
    fields = {name: document[name] for name in _STATE if name in document}
    fields["id"] = document["_id"]
    fields["attributes"] = _dict_of(document["attributes"])
    return fields


def pack_current(current: Current, packed: Document) -> Document:
    """The document of an object: its `packed` state and what queries need."""
    span = reach(current.state.keyframes)
    return packed | {
        "first": span.first,
        "last": span.last,
        "spans": [{"first": first, "last": last} for first, last in current.spans],
        "by_person": current.by_person,
        "at": current.at,
    }


def unpack_current(document: Document) -> Current:
    """An object from its document."""
    return Current(unpack_state(document), unpack_spans(document), document["by_person"], document["at"])


def unpack_spans(document: Document) -> tuple[Span, ...]:
    """Where an object is visible, from its document."""
    return tuple(Span(span["first"], span["last"]) for span in document["spans"])


def pack_change(change: Change, packed: Document, session: str | None, author: str) -> Document:
    """The document of a change, with the object's `packed` state after it. `untold` says that it is yet to be
    published; `touched` names the frames whose clips are to be counted again."""
    state = change.after.state
    document = {
        "_id": change_id(state.id, state.revision),
        "project_id": state.project_id,
        "media_id": state.media_id,
        "object_id": state.id,
        "revision": state.revision,
        "edit_id": change.edit.id,
        "verb": change.edit.verb,
        "edit": _with_pairs(change.edit.model_dump()),
        "object": packed,
        "touches": sorted(touches(change.edit)),
        "author": author,
        "session": session,
        "at": change.after.at,
        "untold": True,
    }
    if touched := change.touched:
        document["touched"] = list(touched)
    return document


def unpack_edit(document: Document) -> Edit:
    """The edit of a change."""
    edit = document["edit"]
    return _EDIT.validate_python(edit | {"attributes": _dict_of(edit["attributes"])} if "attributes" in edit else edit)


def pairs_of(named: dict[str, Any]) -> list[Document]:
    """A dictionary as pairs."""
    return [{"name": name, "value": value} for name, value in named.items()]


def _dict_of(pairs: list[Document]) -> dict[str, Any]:
    return {pair["name"]: pair["value"] for pair in pairs}


def _with_pairs(document: Document) -> Document:
    if "attributes" in document:
        document["attributes"] = pairs_of(document["attributes"])
    return document
