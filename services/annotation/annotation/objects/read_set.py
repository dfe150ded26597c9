"""The read set of a batch: everything that decides about it, read in as few round trips as possible."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from annotation.domain.batch import AppliedEdit, Batch, BatchSnapshot, PriorChange, bases, edit_ids, involved, wanted
from annotation.domain.rebase import MAX_REVISIONS_BEHIND
from annotation.objects.cache import CachedObject, ObjectCache
from annotation.objects.documents import SNAPSHOT_FIELDS, change_id, unpack_snapshot, unpack_state
from common.storage.mongo import Document

_BYTES_PER_EDIT = 400


@dataclass(frozen=True, slots=True)
class ReadSet:
    """Cached objects, and documents: other objects, changes made by the batches' own edits, changes since their base
    revisions, and earlier states that they refer to. `trusted` are cached objects that were not compared with the
    stored ones: a decision about them is valid if it is written."""

    cached: list[CachedObject]
    objects: list[Document]
    applied: list[Document]
    since: list[Document]
    earlier: list[Document]
    size_bytes: int
    trusted: frozenset[str] = frozenset()

    def of(self, batch: Batch) -> "ReadSet":
        """The part that concerns one of the batches."""
        ids = involved(batch)
        return ReadSet(
            [one for one in self.cached if one.snapshot.state.id in ids],
            [one for one in self.objects if one["_id"] in ids],
            [one for one in self.applied if one["media_id"] == batch.media_id],
            [one for one in self.since if one["object_id"] in ids],
            [one for one in self.earlier if one["object_id"] in ids],
            self.size_bytes,
            self.trusted & ids,
        )

    def snapshot(self, media_id: str) -> BatchSnapshot:
        """The same as domain values."""
        read = [unpack_snapshot(one) for one in self.objects]
        objects = {one.state.id: one for one in (*(one.snapshot for one in self.cached), *read)}
        taken = frozenset(object_id for object_id, one in objects.items() if one.state.media_id != media_id)
        return BatchSnapshot(
            objects={object_id: one for object_id, one in objects.items() if object_id not in taken},
            taken=taken,
            applied={one["edit_id"]: AppliedEdit(one["verb"], unpack_state(one)) for one in self.applied},
            changes={_key(one): PriorChange(one["edit_id"], frozenset(one["touches"])) for one in self.since},
            states={_key(one): unpack_state(one) for one in self.earlier},
        )


def _key(document: Document) -> tuple[str, int]:
    return document["object_id"], document["revision"]


async def load_read_set(
    batches: Sequence[Batch], objects: Any, changes: Any, cache: ObjectCache, session: Any, *, thorough: bool
) -> ReadSet:
    """Read everything about batches: one round trip, and a few more where edits are stale, repeated or historic.

    An applied edit left its object at a revision beyond the edit's base. So an edit can only be a repeated one where
    the object is ahead of its base, and is looked up only there. An id that was used for another object's edit is
    refused by the unique index, and found by the next, `thorough` attempt.
    """
    ids = set().union(*map(involved, batches))
    memory = {one: known for one in ids if (known := cache.get(one)) is not None}
    trusted = frozenset() if thorough else _trusted(batches, memory)
    cached, found = await _objects(ids, objects, memory, trusted, session)
    revisions = {one.snapshot.state.id: one.snapshot.state.revision for one in cached}
    revisions |= {one["_id"]: one["revision"] for one in found}
    repeated = batches if thorough else [batch for batch in batches if _is_stale(batch, revisions)]
    applied = await _applied(repeated, changes, session)
    keys = {key for batch in batches for key in _since(batch, revisions)}
    since = await _by_id(changes, keys, ("object_id", "revision", "edit_id", "touches"), session)
    keys = {change_id(object_id, revision) for batch in batches for object_id, revision in wanted(batch)}
    earlier = await _by_id(changes, keys, ("object_id", "revision", "state"), session)
    size_bytes = sum(len(one["state"]) for one in (*found, *applied, *earlier))
    size_bytes += sum(one.snapshot.size_bytes for one in cached)
    size_bytes += _BYTES_PER_EDIT * sum(len(batch.edits) for batch in batches)
    return ReadSet(cached, found, applied, since, earlier, size_bytes, trusted)


def _trusted(batches: Sequence[Batch], cached: Mapping[str, CachedObject]) -> frozenset[str]:
    """The cached objects that are very likely current, because edits are based on the same revision."""
    based = {object_id: revision for batch in batches for object_id, revision in bases(batch).items()}
    return frozenset(one for one, found in cached.items() if based.get(one) == found.snapshot.state.revision)


def _is_stale(batch: Batch, revisions: Mapping[str, int]) -> bool:
    return any(revisions.get(edit.object, 0) > edit.base_revision for edit in batch.edits)


async def _applied(batches: Sequence[Batch], changes: Any, session: Any) -> list[Document]:
    """The changes that the edits of batches have already made."""
    if not batches:
        return []
    media = {batch.media_id for batch in batches}
    ids = set().union(*map(edit_ids, batches))
    query = {"media_id": {"$in": list(media)}, "edit_id": {"$in": list(ids)}}
    cursor = changes.find(query, ("media_id", "edit_id", "verb", "state"), session=session)
    found: list[Document] = await cursor.to_list(None)
    return found


async def _objects(
    ids: set[str], objects: Any, cached: Mapping[str, CachedObject], trusted: Set[str], session: Any
) -> tuple[list[CachedObject], list[Document]]:
    """Objects by id. Of cached ones only the revision is read, and the rest where it differs; of trusted ones
    nothing."""
    doubted = cached.keys() - trusted
    stored = {one["_id"]: one["revision"] for one in await _by_id(objects, doubted, ("revision",), session)}
    same = {one for one in doubted if stored.get(one) == cached[one].snapshot.state.revision} | trusted
    return [cached[one] for one in same], await _by_id(objects, ids - same, SNAPSHOT_FIELDS, session)


def _since(batch: Batch, revisions: dict[str, int]) -> Iterable[str]:
    """The keys of the changes between the base revisions of edits and the current revisions."""
    for object_id, base in bases(batch).items():
        revision = revisions.get(object_id, 0)
        if revision - base <= MAX_REVISIONS_BEHIND:
            yield from (change_id(object_id, since) for since in range(base + 1, revision + 1))


async def _by_id(collection: Any, ids: Iterable[str], fields: tuple[str, ...], session: Any) -> list[Document]:
    keys = list(ids)
    if not keys:
        return []
    # All in one answer: another round trip would take as long as all the reading.
    cursor = collection.find({"_id": {"$in": keys}}, fields, session=session, batch_size=len(keys) + 1)
    found: list[Document] = await cursor.to_list(None)
    return found
