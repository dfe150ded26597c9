"""All that decides about batches of edits, found in as few round trips as they allow."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from annotation.domain.batch import Answered, Batch, Earlier, Known, bases, edit_ids, involved, wanted
from annotation.domain.rebase import FARTHEST_BEHIND
from annotation.objects.cache import Recent, Remembered
from annotation.objects.documents import CURRENT, change_id, unpack_current, unpack_state
from common.storage.mongo import Document

_BYTES_AN_EDIT = 400


@dataclass(frozen=True, slots=True)
class Evidence:
    """Objects that are remembered as they are stored, and documents: of the other objects, of changes by the batches'
    own edits, of changes since their base revisions, and of changes whose states they go back to. `trusted` are the
    remembered objects that nobody compared with what is stored: what is decided of them holds if it is written."""

    remembered: list[Remembered]
    objects: list[Document]
    answered: list[Document]
    since: list[Document]
    earlier: list[Document]
    size_bytes: int
    trusted: frozenset[str] = frozenset()

    def of(self, batch: Batch) -> "Evidence":
        """What of it concerns one of the batches."""
        ids = involved(batch)
        return Evidence(
            [one for one in self.remembered if one.current.state.id in ids],
            [one for one in self.objects if one["_id"] in ids],
            [one for one in self.answered if one["media_id"] == batch.media_id],
            [one for one in self.since if one["object_id"] in ids],
            [one for one in self.earlier if one["object_id"] in ids],
            self.size_bytes,
            self.trusted & ids,
        )

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


async def gather(
    batches: Sequence[Batch], objects: Any, changes: Any, recent: Recent, session: Any, *, thorough: bool
) -> Evidence:
    """What the store knows of batches: one round trip, or some more where edits are stale, repeated or go back.

    An edit that was applied left its object at a revision beyond the edit's base. So only where an object is further
    than an edit knows can the edit be a repeated one, and only there is it looked for; an id that was used for another
    object's edit is refused by the index, and found by the next, `thorough` attempt.
    """
    ids = set().union(*map(involved, batches))
    memory = {one: known for one in ids if (known := recent.get(one)) is not None}
    trusted = frozenset() if thorough else _trusted(batches, memory)
    remembered, found = await _objects(ids, objects, memory, trusted, session)
    revisions = {one.current.state.id: one.current.state.revision for one in remembered}
    revisions |= {one["_id"]: one["revision"] for one in found}
    repeated = batches if thorough else [batch for batch in batches if _is_stale(batch, revisions)]
    answered = await _answered(repeated, changes, session)
    keys = {key for batch in batches for key in _since(batch, revisions)}
    since = await _by_id(changes, keys, ("object_id", "revision", "edit_id", "touches"), session)
    keys = {change_id(object_id, revision) for batch in batches for object_id, revision in wanted(batch)}
    earlier = await _by_id(changes, keys, ("object_id", "revision", "state"), session)
    size_bytes = sum(len(one["state"]) for one in (*found, *answered, *earlier))
    size_bytes += sum(one.current.size_bytes for one in remembered)
    size_bytes += _BYTES_AN_EDIT * sum(len(batch.edits) for batch in batches)
    return Evidence(remembered, found, answered, since, earlier, size_bytes, trusted)


def _trusted(batches: Sequence[Batch], remembered: Mapping[str, Remembered]) -> frozenset[str]:
    """The objects that are most likely as they are remembered, because edits are based on the same revision."""
    based = {object_id: revision for batch in batches for object_id, revision in bases(batch).items()}
    return frozenset(one for one, known in remembered.items() if based.get(one) == known.current.state.revision)


def _is_stale(batch: Batch, revisions: Mapping[str, int]) -> bool:
    return any(revisions.get(edit.object, 0) > edit.base_revision for edit in batch.edits)


async def _answered(batches: Sequence[Batch], changes: Any, session: Any) -> list[Document]:
    """The changes that the edits of batches have made already."""
    if not batches:
        return []
    media = {batch.media_id for batch in batches}
    ids = set().union(*map(edit_ids, batches))
    query = {"media_id": {"$in": list(media)}, "edit_id": {"$in": list(ids)}}
    cursor = changes.find(query, ("media_id", "edit_id", "verb", "state"), session=session)
    found: list[Document] = await cursor.to_list(None)
    return found


async def _objects(
    ids: set[str], objects: Any, remembered: Mapping[str, Remembered], trusted: Set[str], session: Any
) -> tuple[list[Remembered], list[Document]]:
    """Objects by id: of those that are remembered only the revision is read, unless they have another by now; of those
    that are trusted, nothing."""
    doubted = remembered.keys() - trusted
    stored = {one["_id"]: one["revision"] for one in await _by_id(objects, doubted, ("revision",), session)}
    same = {one for one in doubted if stored.get(one) == remembered[one].current.state.revision} | trusted
    return [remembered[one] for one in same], await _by_id(objects, ids - same, CURRENT, session)


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
