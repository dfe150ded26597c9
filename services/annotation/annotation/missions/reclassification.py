"""Use case: move objects to another category or type before theirs is removed."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from annotation.domain.batch import Batch
from annotation.domain.object_class import ObjectClass
from annotation.domain.reclassification import Reclassification
from annotation.media_labels.service import MediaLabelService, Operation
from annotation.objects.by_class import ClassifiedObject, ObjectsByClass
from annotation.objects.service import EditService
from common.contract.edits import SetCategory
from common.contract.errors import ErrorKind, Problem
from common.service.ids import stable_id

OBJECTS_PER_ROUND = 4000
EDITS_PER_BATCH = 500
_CONCURRENT_BATCHES = 4


@dataclass(frozen=True, slots=True)
class ReclassificationService:
    """Moves objects by ordinary edits, so that the changes appear in the history and are published."""

    objects: ObjectsByClass
    editing: EditService
    media_labels: MediaLabelService

    async def move(self, project_id: str, moves: Sequence[Reclassification], operation: str, author: str) -> None:
        """Move all objects, except those that are repeatedly changed in the meantime."""
        labeling = Operation(project_id, operation, author)
        targets = {move.before: move.after for move in moves}
        while objects := await self.objects.find(project_id, targets, OBJECTS_PER_ROUND):
            if not await self._move(labeling, objects, targets):
                return

    async def _move(
        self, operation: Operation, objects: Sequence[ClassifiedObject], targets: Mapping[ObjectClass, ObjectClass]
    ) -> int:
        """Move some objects; returns the number of applied edits."""
        labels: dict[str, list[Reclassification]] = defaultdict(list)
        batches: dict[tuple[str, bool], list[ClassifiedObject]] = defaultdict(list)
        for labeled in objects:
            if labeled.annotation_type == "label":
                labels[labeled.media_id].append(Reclassification(labeled.object_class, targets[labeled.object_class]))
            else:
                batches[labeled.media_id, labeled.by_person].append(labeled)
        slots = asyncio.Semaphore(_CONCURRENT_BATCHES)

        async def apply(batch: Batch) -> int:
            async with slots:
                return await self._apply(batch)

        edited = await asyncio.gather(*(apply(batch) for batch in _batches(operation, batches, targets)))
        return sum(edited) + await self.media_labels.reclassify(operation, labels)

    async def _apply(self, batch: Batch) -> int:
        try:
            results = await self.editing.apply(batch)
        except Problem as problem:
            if problem.kind == ErrorKind.NOT_FOUND:  # the medium and its objects were deleted in the meantime
                return 0
            raise
        return sum(result.status == "applied" for result in results)


def _batches(
    operation: Operation,
    objects: Mapping[tuple[str, bool], Sequence[ClassifiedObject]],
    targets: Mapping[ObjectClass, ObjectClass],
) -> Iterable[Batch]:
    """Objects that no person has changed are moved by automatic edits and stay automatic."""
    for (media_id, by_person), of_medium in objects.items():
        for begin in range(0, len(of_medium), EDITS_PER_BATCH):
            edits = [
                _edit(operation, labeled, targets[labeled.object_class])
                for labeled in of_medium[begin : begin + EDITS_PER_BATCH]
            ]
            yield Batch(operation.project_id, media_id, edits, operation.author, frame_count=1, automatic=not by_person)


def _edit(operation: Operation, labeled: ClassifiedObject, after: ObjectClass) -> SetCategory:
    return SetCategory(
        id=stable_id("moved", operation.id, labeled.id, labeled.revision),
        operation=operation.id,
        object=labeled.id,
        base_revision=labeled.revision,
        **after._asdict(),
    )
