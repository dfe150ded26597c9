"""What annotation answers about objects: reading, editing, snapshots."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Annotated

import orjson
from faststream.nats import NatsRouter

from annotation.domain.batch import Batch
from annotation.domain.shape_rows import Row, box_rows, shape_rows
from annotation.domain.tracks import Span, span_of
from annotation.history.repository import HistoryStore
from annotation.history.service import Operations
from annotation.media.repository import MediaStore
from annotation.objects.documents import json_list, json_object
from annotation.objects.repository import LabelStore
from annotation.snapshots.repository import SnapshotStore
from common.contract.clips import FRAMES_PER_CLIP
from common.contract.labels import ObjectState
from common.contract.model import Model
from common.contract.questions import (
    ApplyEdits,
    EditSelection,
    FindObject,
    ListTimePoints,
    ObjectOwner,
    OperationResult,
    ReadBoxes,
    ReadObjects,
    ReadShapes,
    Snapshot,
    TakeSnapshot,
    TimePoints,
)
from common.messaging.dependencies import Dependency
from common.messaging.handlers import RawJson, request_handler
from common.service.errors import invalid

router = NatsRouter()
Labels = Annotated[LabelStore, Dependency("labels")]
Media = Annotated[MediaStore, Dependency("media")]
Past = Annotated[HistoryStore, Dependency("history")]
Acts = Annotated[Operations, Dependency("operations")]
Rows = Callable[[Sequence[ObjectState], int, int], list[Row]]
Snapshots = Annotated[SnapshotStore, Dependency("snapshots")]


@router.subscriber(**request_handler(ApplyEdits))
async def apply_edits(question: ApplyEdits, labels: Labels) -> RawJson:
    """Apply a batch of a person's edits; what became of each."""
    batch = Batch(
        project_id=question.project_id,
        media_id=question.media_id,
        edits=question.edits,
        author=question.author,
        session=question.session,
        frame_count=question.frame_count,
        atomic=question.atomic,
        rules=question.rules,
    )
    return RawJson(await labels.apply_json(batch))


@router.subscriber(**request_handler(EditSelection))
async def edit_selection(question: EditSelection, operations: Acts) -> OperationResult:
    """Make the same change to many objects."""
    return await operations.edit(question)


@router.subscriber(**request_handler(ReadObjects))
async def read_objects(question: ReadObjects, labels: Labels, history: Past) -> RawJson:
    """The objects of a range of frames, or all of the medium; as they are or as they were."""
    frames = span_of(question.first, question.last)
    about = (question.project_id, question.media_id)
    if question.at is None:
        states = await labels.read_json(*about, frames)
    else:
        states = [then.state async for then in history.at(*about, question.at, frames)]
    return RawJson(json_object(objects=json_list(states)))


@router.subscriber(**request_handler(ReadBoxes))
async def read_boxes(question: ReadBoxes, labels: Labels, media: Media) -> RawJson:
    """The box around every visible shape of a range of frames, computed."""
    objects, frames = await _shown(question, labels, media)
    return await asyncio.to_thread(_as_json, box_rows, objects, frames)


@router.subscriber(**request_handler(ReadShapes))
async def read_shapes(question: ReadShapes, labels: Labels, media: Media) -> RawJson:
    """Every visible shape of a range of frames, computed."""
    objects, frames = await _shown(question, labels, media)
    return await asyncio.to_thread(_as_json, shape_rows, objects, frames)


def _as_json(rows: Rows, objects: list[ObjectState], frames: Span) -> RawJson:
    # Rows are plain and made here: validating each would take longer than computing it.
    return RawJson(orjson.dumps({"rows": rows(objects, *frames)}, default=Model.model_dump))


async def _shown(
    question: ReadBoxes | ReadShapes, labels: LabelStore, media: MediaStore
) -> tuple[list[ObjectState], Span]:
    """The objects on the frames that are asked for, and those of these frames that the medium has."""
    if not 0 <= question.last - question.first < FRAMES_PER_CLIP:
        raise invalid("last", f"At most {FRAMES_PER_CLIP} frames can be read at once, from first to last.")
    medium = await media.find(question.media_id)
    if medium is None or medium.project_id != question.project_id:
        return [], Span(question.first, question.first)
    frames = Span(question.first, min(question.last, medium.frames_so_far - 1))
    return await labels.read(question.project_id, question.media_id, frames), frames


@router.subscriber(**request_handler(ListTimePoints))
async def list_time_points(question: ListTimePoints, labels: Labels) -> TimePoints:
    """On which frames of a medium somebody set shapes."""
    return await labels.time_points(question.project_id, question.media_id)


@router.subscriber(**request_handler(FindObject))
async def find_object(question: FindObject, labels: Labels) -> ObjectOwner:
    """Which project and medium an object belongs to."""
    return await labels.owner(question.object_id)


@router.subscriber(**request_handler(TakeSnapshot))
async def take_snapshot(question: TakeSnapshot, snapshots: Snapshots) -> Snapshot:
    """A consistent picture of labels in S3."""
    return await snapshots.take(question)
