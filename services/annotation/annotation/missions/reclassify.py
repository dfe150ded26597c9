"""Objects that become something else because what they are goes."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence

from annotation.domain.batch import Batch
from annotation.domain.object_class import Kind
from annotation.domain.reclassification import Move
from annotation.media_labels.service import Act, MediaLabels
from annotation.objects.by_class import Found, Uses
from annotation.objects.repository import LabelStore
from common.contract.edits import SetCategory
from common.service.errors import Problem
from common.service.ids import same_id
from common.storage.mongo import Database

FOUND_AT_ONCE = 4000
EDITS_AT_ONCE = 500
_WRITTEN_AT_ONCE = 4


class Moving:
    """Gives objects another category by ordinary edits, so that history knows and subscribers hear of it."""

    def __init__(self, database: Database, labels: LabelStore, media_labels: MediaLabels) -> None:
        self._uses = Uses(database)
        self._labels = labels
        self._media_labels = media_labels

    async def move(self, project_id: str, moves: Sequence[Move], operation: str, author: str) -> None:
        """Move all objects that are there, but for those that others keep changing meanwhile."""
        act = Act(project_id, operation, author)
        targets = {move.before: move.after for move in moves}
        while found := await self._uses.find(project_id, targets, FOUND_AT_ONCE):
            if not await self._move(act, found, targets):
                return

    async def _move(self, act: Act, found: Sequence[Found], targets: dict[Kind, Kind]) -> int:
        """Move some objects; how many edits were applied."""
        labels: dict[str, list[Move]] = defaultdict(list)
        batches: dict[tuple[str, bool], list[Found]] = defaultdict(list)
        for one in found:
            if one.annotation_type == "label":
                labels[one.media_id].append(Move(one.kind, targets[one.kind]))
            else:
                batches[one.media_id, one.by_person].append(one)
        turns = asyncio.Semaphore(_WRITTEN_AT_ONCE)

        async def apply(batch: Batch) -> int:
            async with turns:
                return await self._apply(batch)

        edited = await asyncio.gather(*(apply(batch) for batch in _batches(act, batches, targets)))
        return sum(edited) + await self._media_labels.move(act, labels)

    async def _apply(self, batch: Batch) -> int:
        try:
            results = await self._labels.apply(batch)
        except Problem as problem:
            if problem.status == 404:  # the medium was deleted meanwhile, and its objects go too
                return 0
            raise
        return sum(result.status == "applied" for result in results)


def _batches(act: Act, objects: dict[tuple[str, bool], list[Found]], targets: dict[Kind, Kind]) -> Iterable[Batch]:
    """What nobody had a hand in stays so: it is moved as a run would move it."""
    for (media_id, by_person), found in objects.items():
        for begin in range(0, len(found), EDITS_AT_ONCE):
            edits = [_edit(act, one, targets[one.kind]) for one in found[begin : begin + EDITS_AT_ONCE]]
            yield Batch(act.project_id, media_id, edits, act.author, frame_count=1, automatic=not by_person)


def _edit(act: Act, found: Found, after: Kind) -> SetCategory:
    return SetCategory(
        id=same_id("moved", act.operation, found.id, found.revision),
        operation=act.operation,
        object=found.id,
        base_revision=found.revision,
        **after._asdict(),
    )
