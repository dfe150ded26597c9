"""The read set of a batch: the data to decide it, read in as few round trips as possible."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from annotation.domain.batch import (
    AppliedEdit,
    Batch,
    BatchSnapshot,
    PriorChange,
    bases,
    edit_ids,
    involved,
    referenced_states,
)
from annotation.domain.rebase import MAX_REVISIONS_BEHIND
from annotation.objects.cache import CachedObject, ObjectCache
from annotation.objects.documents import SNAPSHOT_FIELDS, change_id, unpack_snapshot, unpack_state
from common.storage.mongo import Document

_BYTES_PER_EDIT = 400


@dataclass(frozen=True, slots=True)
class ReadSet:
    """Cached objects, and documents: other objects, earlier changes by the same edits, changes since the bases, and
    referenced earlier states. `trusted` are cached objects that were not compared with their documents: decisions about
    them are valid if they can be written."""

    cached: list[CachedObject]
    objects: list[Document]
    applied: list[Document]
    since: list[Document]
    earlier: list[Document]
    size_bytes: int
    trusted: frozenset[str] = frozenset()

    def of(self, batch: Batch) -> "ReadSet":
        """The part for one of the batches."""
        ids = involved(batch)
        return ReadSet(
            [entry for entry in self.cached if entry.snapshot.state.id in ids],
            [entry for entry in self.objects if entry["_id"] in ids],
            [entry for entry in self.applied if entry["media_id"] == batch.media_id],
            [entry for entry in self.since if entry["object_id"] in ids],
            [entry for entry in self.earlier if entry["object_id"] in ids],
            self.size_bytes,
            self.trusted & ids,
        )

    def snapshot(self, media_id: str) -> BatchSnapshot:
        """The read set as domain values."""
        snapshots = [*(cached.snapshot for cached in self.cached), *map(unpack_snapshot, self.objects)]
        objects = {current.state.id: current for current in snapshots}
        foreign = frozenset(object_id for object_id, current in objects.items() if current.state.media_id != media_id)
        return BatchSnapshot(
            objects={object_id: current for object_id, current in objects.items() if object_id not in foreign},
            foreign_ids=foreign,
            applied={change["edit_id"]: AppliedEdit(change["verb"], unpack_state(change)) for change in self.applied},
            changes={
                _key(change): PriorChange(change["edit_id"], frozenset(change["touches"])) for change in self.since
            },
            states={_key(change): unpack_state(change) for change in self.earlier},
        )


def _key(document: Document) -> tuple[str, int]:
    return document["object_id"], document["revision"]


async def load_read_set(
    batches: Sequence[Batch], objects: Any, changes: Any, cache: ObjectCache, session: Any, *, thorough: bool
) -> ReadSet:
    """Read the data to decide batches: one round trip, and a few more if edits are stale, repeated or historic.

    An applied edit left its object at a revision after the base of the edit. So an edit can only be a repeated one if
    its object is ahead of its base, and is only looked up then. An id that was used for an edit of another object is
    refused by the unique index, and found by the next, `thorough` attempt.
    """
    ids = set().union(*map(involved, batches))
    in_cache = {object_id: entry for object_id in ids if (entry := cache.get(object_id)) is not None}
    trusted = frozenset() if thorough else _trusted(batches, in_cache)
    cached, documents = await _objects(ids, objects, in_cache, trusted, session)
    revisions = {entry.snapshot.state.id: entry.snapshot.state.revision for entry in cached}
    revisions |= {entry["_id"]: entry["revision"] for entry in documents}
    repeated = batches if thorough else [batch for batch in batches if _is_stale(batch, revisions)]
    applied = await _applied(repeated, changes, session)
    keys = {key for batch in batches for key in _since(batch, revisions)}
    since = await _by_id(changes, keys, ("object_id", "revision", "edit_id", "touches"), session)
    keys = {change_id(object_id, revision) for batch in batches for object_id, revision in referenced_states(batch)}
    earlier = await _by_id(changes, keys, ("object_id", "revision", "state"), session)
    size_bytes = sum(len(entry["state"]) for entry in (*documents, *applied, *earlier))
    size_bytes += sum(entry.snapshot.size_bytes for entry in cached)
    size_bytes += _BYTES_PER_EDIT * sum(len(batch.edits) for batch in batches)
    return ReadSet(cached, documents, applied, since, earlier, size_bytes, trusted)


def _trusted(batches: Sequence[Batch], cached: Mapping[str, CachedObject]) -> frozenset[str]:
    """The cached objects that are most likely current, because edits are based on the same revision."""
    based = {object_id: revision for batch in batches for object_id, revision in bases(batch).items()}
    return frozenset(
        object_id for object_id, current in cached.items() if based.get(object_id) == current.snapshot.state.revision
    )


def _is_stale(batch: Batch, revisions: Mapping[str, int]) -> bool:
    return any(revisions.get(edit.object, 0) > edit.base_revision for edit in batch.edits)


async def _applied(batches: Sequence[Batch], changes: Any, session: Any) -> list[Document]:
    """Earlier changes by the same edits."""
    if not batches:
        return []
    media = {batch.media_id for batch in batches}
    ids = set().union(*map(edit_ids, batches))
    query = {"media_id": {"$in": list(media)}, "edit_id": {"$in": list(ids)}}
    cursor = changes.find(query, ("media_id", "edit_id", "verb", "state"), session=session)
    documents: list[Document] = await cursor.to_list(None)
    return documents


async def _objects(
    ids: set[str], objects: Any, cached: Mapping[str, CachedObject], trusted: Set[str], session: Any
) -> tuple[list[CachedObject], list[Document]]:
    """Objects by id. For cached objects, only the revision is read, and the rest if it differs; trusted objects are not
    read."""
    unverified = cached.keys() - trusted
    stored = {
        document["_id"]: document["revision"] for document in await _by_id(objects, unverified, ("revision",), session)
    }
    unchanged = trusted | {key for key in unverified if stored.get(key) == cached[key].snapshot.state.revision}
    return [cached[key] for key in unchanged], await _by_id(objects, ids - unchanged, SNAPSHOT_FIELDS, session)


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
    # All in one batch: another round trip would take as long as the whole query.
    cursor = collection.find({"_id": {"$in": keys}}, fields, session=session, batch_size=len(keys) + 1)
    documents: list[Document] = await cursor.to_list(None)
    return documents
