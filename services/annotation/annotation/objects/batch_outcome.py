"""The outcome of a batch of edits: documents to write, and the answer to send."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import orjson
from pymongo import InsertOne, UpdateOne

from annotation.domain.batch import Batch, Change, Decision, Medium, ObjectSnapshot, decide
from annotation.objects.cache import CachedObject
from annotation.objects.documents import json_of_state, pack_change, pack_object, pack_update
from annotation.objects.read_set import ReadSet
from annotation.objects.serializer import IncrementalSerializer
from annotation.raw_json import json_list, json_object
from common.contract.edits import EditResult
from common.contract.labels import ObjectState
from common.storage.mongo import Document

Write = InsertOne[Document] | UpdateOne


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """The decision about a batch, the writes to objects, the state after each change as JSON, and the resulting
    objects."""

    batch: Batch
    decision: Decision
    writes: list[Write]
    states: list[bytes]
    objects: list[CachedObject]

    def changes(self) -> list[Document]:
        """The changes to store."""
        pairs = zip(self.decision.changes, self.states, strict=True)
        return [pack_change(change, state, self.batch.session, self.batch.author) for change, state in pairs]

    def results(self) -> list[EditResult]:
        """The result of each edit."""
        return self.decision.results

    def results_json(self) -> bytes:
        """The results as the JSON of `EditResults`."""
        pairs = zip(self.decision.changes, self.states, strict=True)
        serialized = {(change.after.state.id, change.after.state.revision): state for change, state in pairs}
        return json_object(results=json_list(_result_json(result, serialized) for result in self.decision.results))


def _result_json(result: EditResult, serialized: Mapping[tuple[str, int], bytes]) -> bytes:
    def state_json(state: ObjectState) -> bytes:
        return serialized.get((state.id, state.revision)) or json_of_state(state)

    if result.object is None:
        return result.model_dump_json().encode()
    return json_object(
        id=orjson.dumps(result.id),
        status=orjson.dumps(result.status),
        revision=orjson.dumps(result.revision),
        object=state_json(result.object),
        others=json_list(map(state_json, result.others)),
        reason=b"null" if result.reason is None else result.reason.model_dump_json().encode(),
    )


def decide_all(batches: Sequence[Batch], read_set: ReadSet, media: Sequence[Medium], now: float) -> list[BatchOutcome]:
    """Decide batches that have no object in common, and prepare the writes of their objects."""
    pairs = zip(batches, media, strict=True)
    return [_decide(batch, read_set.of(batch), medium, now) for batch, medium in pairs]


def _decide(batch: Batch, read_set: ReadSet, medium: Medium, now: float) -> BatchOutcome:
    snapshot = read_set.snapshot(batch.media_id)
    seen = {object_id: CachedObject(current) for object_id, current in snapshot.objects.items()}
    seen |= {cached.snapshot.state.id: cached for cached in read_set.cached}
    decision = decide(batch, snapshot, medium, now)
    serializer = IncrementalSerializer(read_set.cached)
    states: list[bytes] = []
    for change in decision.changes:
        state, keyframes = serializer.serialize(change.after.state)
        states.append(state)
        seen[change.after.state.id] = CachedObject(replace(change.after, size_bytes=len(state)), keyframes)
    return BatchOutcome(batch, decision, _writes(decision.changes, states), states, list(seen.values()))


def _writes(changes: Sequence[Change], states: Sequence[bytes]) -> list[Write]:
    """One write per object, from its state before the batch to its state after the batch."""
    oldest = {change.after.state.id: change.before for change in reversed(changes)}
    newest = {change.after.state.id: (change.after, state) for change, state in zip(changes, states, strict=True)}
    return [_write(oldest[object_id], after, state) for object_id, (after, state) in newest.items()]


def _write(before: ObjectSnapshot | None, after: ObjectSnapshot, state: bytes) -> Write:
    if before is None:
        return InsertOne(pack_object(after, state))
    expected = {"_id": after.state.id, "revision": before.state.revision}
    return UpdateOne(expected, {"$set": pack_update(before, after, state)})
