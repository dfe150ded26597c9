"""What becomes of a batch of edits, as documents to write and as the answer to give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import orjson
from pymongo import InsertOne, UpdateOne

from annotation.domain.batch import Batch, Change, Current, Decision, Medium, decide
from annotation.objects.cache import Remembered, Scribe
from annotation.objects.documents import json_list, json_object, json_of_state, pack_change, pack_object, pack_update
from annotation.objects.read_set import Evidence
from common.contract.edits import EditResult
from common.contract.labels import ObjectState
from common.storage.mongo import Document

Write = InsertOne[Document] | UpdateOne


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What became of a batch: the decision, the writes to objects, the state after each change as JSON, and the
    objects as they are once all is written."""

    batch: Batch
    decision: Decision
    writes: list[Write]
    states: list[bytes]
    seen: list[Remembered]

    def changes(self) -> list[Document]:
        """The changes to store."""
        pairs = zip(self.decision.changes, self.states, strict=True)
        return [pack_change(change, state, self.batch.session, self.batch.author) for change, state in pairs]

    def results(self) -> list[EditResult]:
        """What became of each edit."""
        return self.decision.results

    def results_json(self) -> bytes:
        """The same as the JSON of `EditResults`."""
        pairs = zip(self.decision.changes, self.states, strict=True)
        known = {(change.after.state.id, change.after.state.revision): state for change, state in pairs}
        return json_object(results=json_list(_json_of(result, known) for result in self.decision.results))


def _json_of(result: EditResult, known: Mapping[tuple[str, int], bytes]) -> bytes:
    def json_of(state: ObjectState) -> bytes:
        return known.get((state.id, state.revision)) or json_of_state(state)

    if result.object is None:
        return result.model_dump_json().encode()
    return json_object(
        id=orjson.dumps(result.id),
        status=orjson.dumps(result.status),
        revision=orjson.dumps(result.revision),
        object=json_of(result.object),
        others=json_list(map(json_of, result.others)),
        reason=orjson.dumps(result.reason and result.reason.model_dump()),
    )


def judge_all(batches: Sequence[Batch], evidence: Evidence, media: Sequence[Medium], now: float) -> list[Verdicts]:
    """Decide batches, which have no object in common, and make what is to be written of their objects."""
    pairs = zip(batches, media, strict=True)
    return [_judge(batch, evidence.of(batch), medium, now) for batch, medium in pairs]


def _judge(batch: Batch, evidence: Evidence, medium: Medium, now: float) -> Verdicts:
    known = evidence.known(batch.media_id)
    seen = {object_id: Remembered(current) for object_id, current in known.objects.items()}
    seen |= {one.current.state.id: one for one in evidence.remembered}
    decision = decide(batch, known, medium, now)
    scribe = Scribe(evidence.remembered)
    states: list[bytes] = []
    for change in decision.changes:
        state, keyframes = scribe.write(change.after.state)
        states.append(state)
        seen[change.after.state.id] = Remembered(replace(change.after, size_bytes=len(state)), keyframes)
    return Verdicts(batch, decision, _writes(decision.changes, states), states, list(seen.values()))


def _writes(changes: Sequence[Change], states: Sequence[bytes]) -> list[Write]:
    """One write an object: from what it was before the batch to what it is after it."""
    oldest = {change.after.state.id: change.before for change in reversed(changes)}
    newest = {change.after.state.id: (change.after, state) for change, state in zip(changes, states, strict=True)}
    return [_write(oldest[object_id], after, state) for object_id, (after, state) in newest.items()]


def _write(before: Current | None, after: Current, state: bytes) -> Write:
    if before is None:
        return InsertOne(pack_object(after, state))
    as_it_was = {"_id": after.state.id, "revision": before.state.revision}
    return UpdateOne(as_it_was, {"$set": pack_update(before, after, state)})
