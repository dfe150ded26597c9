"""Objects and changes as MongoDB documents: state and edit as JSON in a field of bytes, next to the fields that
queries need. Answers join these bytes without parsing them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

from annotation.domain.batch import Change, ObjectSnapshot
from annotation.domain.tracks import EVERYWHERE, Span, extent
from annotation.raw_json import json_list
from common.contract.edits import Revert
from common.contract.labels import Attributes, Keyframe, ObjectState
from common.storage.mongo import Document

# The fields needed for an `ObjectSnapshot`.
SNAPSHOT_FIELDS = ("state", "media_id", "spans", "by_person", "at", "revision")
# Fields of the state that are needed in queries.
_COPIED = ("mission", "category", "type", "annotation_type", "source", "author", "run_id", "done", "deleted")
_KEYFRAMES = {"keyframes"}
_REVISION_DIGITS = 9
_VALUE_CHARACTERS = 200
_DAY_S = 86_400


def change_id(object_id: str, revision: int) -> str:
    """The id of the change that led to a revision; ids of one object sort by revision."""
    return f"{object_id}:{revision:0{_REVISION_DIGITS}d}"


def revision_of(key: str) -> tuple[str, int]:
    """The object and the revision of a change, from its id."""
    object_id, _, revision = key.rpartition(":")
    return object_id, int(revision)


def changes_of(object_id: str, before: int | None = None) -> dict[str, str]:
    """The range of the ids of an object's changes before revision `before`."""
    return {"$gte": f"{object_id}:", "$lt": change_id(object_id, before) if before is not None else f"{object_id};"}


# The object of a change, as an expression over the change's id, which indexes contain.
OBJECT_OF_CHANGE = {"$substrBytes": ["$_id", 0, {"$subtract": [{"$strLenBytes": "$_id"}, _REVISION_DIGITS + 1]}]}


def json_of_state(state: ObjectState) -> bytes:
    """The JSON of a state, for storage and answers."""
    return state.model_dump_json().encode()


def json_of_keyframe(keyframe: Keyframe) -> bytes:
    """The JSON of a keyframe in a state."""
    return keyframe.model_dump_json().encode()


def json_around(state: ObjectState, keyframes: Iterable[bytes]) -> bytes:
    """The JSON of a state with serialized keyframes."""
    head = state.model_dump_json(exclude=_KEYFRAMES).encode()
    return head[:-1] + b',"keyframes":' + json_list(keyframes) + b"}"


def unpack_state(document: Document) -> ObjectState:
    """The state in an object's or a change's document."""
    return ObjectState.model_validate_json(document["state"])


def pack_object(current: ObjectSnapshot, state: bytes) -> Document:
    """The document of an object."""
    labeled = current.state
    return {
        "_id": labeled.id,
        "project_id": labeled.project_id,
        "media_id": labeled.media_id,
        "day": day_of(labeled.created_at if labeled.created_at is not None else current.at),
        **{name: getattr(labeled, name) for name in _COPIED},
        **_indexed_fields(current),
        "revision": labeled.revision,
        "by_person": current.by_person,
        "at": current.at,
        "state": state,
    }


def pack_update(before: ObjectSnapshot, after: ObjectSnapshot, state: bytes) -> Document:
    """The fields of an object's document that a change sets. Unchanged fields are omitted: an update only
    touches the indexes of fields that it sets, which makes most updates three times as fast."""
    old, new = before.state, after.state
    fields: Document = {"revision": new.revision, "by_person": after.by_person, "at": after.at, "state": state}
    for name in _COPIED:
        if (value := getattr(new, name)) != getattr(old, name):
            fields[name] = value
    if new.keyframes is not old.keyframes or new.attributes is not old.attributes:
        stored = _indexed_fields(before)
        fields |= {name: value for name, value in _indexed_fields(after).items() if value != stored[name]}
    return fields


def _indexed_fields(current: ObjectSnapshot) -> Document:
    """The position and attributes of an object. `hidden` are the frames of its outside keyframes."""
    keyframes = current.state.keyframes
    span = extent(keyframes)
    return {
        "first": span.first,
        "last": span.last,
        "spans": [span._asdict() for span in current.spans],
        "hidden": [keyframe.frame for keyframe in keyframes if keyframe.outside],
        "attributes": values_of(current.state),
    }


def unpack_snapshot(document: Document) -> ObjectSnapshot:
    """An object from its document."""
    return ObjectSnapshot(
        state=unpack_state(document),
        spans=unpack_spans(document),
        by_person=document["by_person"],
        at=document["at"],
        size_bytes=len(document["state"]),
    )


def unpack_spans(document: Document) -> tuple[Span, ...]:
    """The spans on which an object is visible, from its document."""
    return tuple(Span(span["first"], span["last"]) for span in document["spans"])


def within(media_id: str, frames: Span) -> Document:
    """The query for objects of a medium that are visible or have a keyframe on `frames`."""
    first, last = frames
    query = {"media_id": media_id, "deleted": False, "first": {"$lte": last}, "last": {"$gte": first}}
    if frames == EVERYWHERE:
        return query
    visible = {"spans": {"$elemMatch": {"first": {"$lte": last}, "last": {"$gte": first}}}}
    return query | {"$or": [visible, {"hidden": {"$elemMatch": {"$gte": first, "$lte": last}}}]}


def pack_change(change: Change, state: bytes, session: str | None, author: str) -> Document:
    """The document of a change, with the resulting state of the object. `unpublished` marks changes to publish;
    `touched` are the frames whose clips must be counted again, `reverts` is the id of the reverted change; a `joint`
    change may share its operation with others."""
    after, edit = change.after.state, change.edit
    span = extent(after.keyframes)
    document = {
        "_id": change_id(after.id, after.revision),
        "project_id": after.project_id,
        "media_id": after.media_id,
        "object_id": after.id,
        "revision": after.revision,
        "edit_id": edit.id,
        "operation": edit.operation or edit.id,
        "verb": edit.verb,
        "touches": sorted(change.touches),
        "author": author,
        "session": session,
        "at": change.after.at,
        "day": day_of(change.after.at),
        "first": span.first,
        "last": span.last,
        "edit": edit.model_dump_json().encode(),
        "deleted": after.deleted,
        "state": state,
        "unpublished": True,
    }
    if edit.operation is not None:
        document["joint"] = True
    if touched := change.touched:
        document["touched"] = list(touched)
    if isinstance(edit, Revert):
        document["reverts"] = change_id(after.id, edit.revision)
    return document


def day_of(at: float) -> str:
    """The day of a time, in UTC."""
    return _date(int(at // _DAY_S))


@lru_cache(maxsize=4096)
def _date(days: int) -> str:
    return datetime.fromtimestamp(days * _DAY_S, UTC).strftime("%Y-%m-%d")


def values_of(state: ObjectState) -> list[str]:
    """The attributes of an object as `name=value`, including those of keyframes."""
    values = set(_named(state.attributes))
    for keyframe in state.keyframes:
        if keyframe.attributes:
            values.update(_named(keyframe.attributes))
    return sorted(values)


def _named(attributes: Attributes) -> Iterable[str]:
    return (f"{name}={_value_text(value)}" for name, value in attributes.items())


def _value_text(value: str | bool | float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value[:_VALUE_CHARACTERS] if isinstance(value, str) else f"{value:g}"
