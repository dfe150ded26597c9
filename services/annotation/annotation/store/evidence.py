"""All that decides about a batch of edits, found in as few round trips as it allows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from annotation.domain.batch import Answered, Batch, Earlier, Known, bases, edit_ids, involved, wanted
from annotation.domain.rebase import FARTHEST_BEHIND
from annotation.store.documents import CURRENT, change_id, unpack_current, unpack_state
from annotation.store.recent import Recent, Remembered
from common.mongo import Document

_BYTES_AN_EDIT = 400


@dataclass(frozen=True, slots=True)
class Evidence:
    """Objects that are remembered as they are stored, and documents: of the other objects, of changes by the batch's
    own edits, of changes since its base revisions, and of changes whose states it goes back to."""

    remembered: list[Remembered]
    objects: list[Document]
    answered: list[Document]
    since: list[Document]
    earlier: list[Document]
    size_bytes: int

    def known(self, media_id: str) -> Known:
        """The same for the domain."""
        read = [unpack_current(one) for one in self.objects]
        objects = {one.state.id: one for one in (*(one.current for one in self.remembered), *read)}
        taken = frozenset(object_id for object_id, one in objects.items() if one.state.media_id != media_id)
        return Known(
            objects={object_id: one for object_id, one in objects.items() if object_id not in taken},
            taken=taken,
            answered={one["edit_id"]: Answered(one["verb"], unpack_state(one)) for one in self.answered},
            changes={_key(one): Earlier(one["edit_id"], frozenset(one["touches"])) for one in self.since},
            states={_key(one): unpack_state(one) for one in self.earlier},
        )


def _key(document: Document) -> tuple[str, int]:
    return document["object_id"], document["revision"]


async def gather(batch: Batch, objects: Any, changes: Any, recent: Recent, session: Any, *, thorough: bool) -> Evidence:
    """What the store knows of a batch: one round trip, or some more where edits are stale, repeated or go back.

    An edit that was applied left its object at a revision beyond the edit's base. So only where an object is further
    than an edit knows can the edit be a repeated one, and only there is it looked for; an id that was used for another
    object's edit is refused by the index, and found by the next, `thorough` attempt.
    """
    remembered, found = await _objects(involved(batch), objects, recent, session)
    revisions = {one.current.state.id: one.current.state.revision for one in remembered}
    revisions |= {one["_id"]: one["revision"] for one in found}
    stale = any(revisions.get(edit.object, 0) > edit.base_revision for edit in batch.edits)
    answered: list[Document] = []
    if stale or thorough:
        query = {"media_id": batch.media_id, "edit_id": {"$in": list(edit_ids(batch))}}
        answered = await changes.find(query, ("edit_id", "verb", "state"), session=session).to_list(None)
    since = await _by_id(changes, _since(batch, revisions), ("object_id", "revision", "edit_id", "touches"), session)
    ids = {change_id(object_id, revision) for object_id, revision in wanted(batch)}
    earlier = await _by_id(changes, ids, ("object_id", "revision", "state"), session)
    size_bytes = sum(len(one["state"]) for one in (*found, *answered, *earlier))
    size_bytes += sum(one.current.size_bytes for one in remembered) + _BYTES_AN_EDIT * len(batch.edits)
    return Evidence(remembered, found, answered, since, earlier, size_bytes)


async def _objects(
    ids: set[str], objects: Any, recent: Recent, session: Any
) -> tuple[list[Remembered], list[Document]]:
    """Objects by id: of those that are remembered only the revision is read, unless they have another by now."""
    known = {one: found for one in ids if (found := recent.get(one)) is not None}
    stored = {one["_id"]: one["revision"] for one in await _by_id(objects, known, ("revision",), session)}
    same = {one: found for one, found in known.items() if stored.get(one) == found.current.state.revision}
    return list(same.values()), await _by_id(objects, ids - same.keys(), CURRENT, session)


def _since(batch: Batch, revisions: dict[str, int]) -> Iterable[str]:
    """The keys of the changes between the base revisions of edits and their objects as they are now."""
    for object_id, base in bases(batch).items():
        revision = revisions.get(object_id, 0)
        if revision - base <= FARTHEST_BEHIND:
            yield from (change_id(object_id, since) for since in range(base + 1, revision + 1))


async def _by_id(collection: Any, ids: Iterable[str], fields: tuple[str, ...], session: Any) -> list[Document]:
    keys = list(ids)
    if not keys:
        return []
    # All in one answer: another round trip would take as long as all the reading.
    cursor = collection.find({"_id": {"$in": keys}}, fields, session=session, batch_size=len(keys) + 1)
    found: list[Document] = await cursor.to_list(None)
    return found
