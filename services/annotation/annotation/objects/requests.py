"""Requests to read and edit objects."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Annotated

import orjson
from faststream.nats import NatsRouter

from annotation.domain.batch import Batch
from annotation.domain.shape_rows import Row, box_rows, shape_rows
from annotation.domain.tracks import Span, span_of
from annotation.history.repository import HistoryRepository
from annotation.media.repository import MediaRepository
from annotation.objects.repository import ObjectRepository
from annotation.objects.service import EditService
from annotation.raw_json import json_list, json_object
from common.contract import questions
from common.contract.clips import FRAMES_PER_CLIP
from common.contract.errors import Problem
from common.contract.labels import ObjectState
from common.contract.model import Model
from common.messaging.dependencies import Dependency
from common.messaging.handlers import RawJson, request_handler

router = NatsRouter()
Editing = Annotated[EditService, Dependency("editing")]
Objects = Annotated[ObjectRepository, Dependency("labeled_objects")]
Media = Annotated[MediaRepository, Dependency("media")]
History = Annotated[HistoryRepository, Dependency("history")]
ComputeRows = Callable[[Sequence[ObjectState], int, int], list[Row]]


@router.subscriber(**request_handler(questions.ApplyEdits))
async def apply_edits(question: questions.ApplyEdits, editing: Editing) -> RawJson:
    """Apply a batch of edits; returns the result of each."""
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
    return RawJson(await editing.apply_json(batch))


@router.subscriber(**request_handler(questions.ReadObjects))
async def read_objects(question: questions.ReadObjects, objects: Objects, history: History) -> RawJson:
    """The objects of a range of frames or of the whole medium, now or as of a time."""
    frames = span_of(question.first, question.last)
    medium = (question.project_id, question.media_id)
    if question.at is None:
        states = await objects.read_json(*medium, frames)
    else:
        states = [past.state async for past in history.at(*medium, question.at, frames)]
    return RawJson(json_object(objects=json_list(states)))


@router.subscriber(**request_handler(questions.ReadBoxes))
async def read_boxes(question: questions.ReadBoxes, objects: Objects, media: Media) -> RawJson:
    """The bounding box of every visible shape of a range of frames, interpolated."""
    states, frames = await _visible(question, objects, media)
    return await asyncio.to_thread(_rows_json, box_rows, states, frames)


@router.subscriber(**request_handler(questions.ReadShapes))
async def read_shapes(question: questions.ReadShapes, objects: Objects, media: Media) -> RawJson:
    """Every visible shape of a range of frames, interpolated."""
    states, frames = await _visible(question, objects, media)
    return await asyncio.to_thread(_rows_json, shape_rows, states, frames)


def _rows_json(rows: ComputeRows, states: list[ObjectState], frames: Span) -> RawJson:
    # Rows are plain values created here: validating each would take longer than computing it.
    return RawJson(orjson.dumps({"rows": rows(states, *frames)}, default=Model.model_dump))


async def _visible(
    question: questions.ReadBoxes | questions.ReadShapes, objects: ObjectRepository, media: MediaRepository
) -> tuple[list[ObjectState], Span]:
    """The objects on the requested frames, and the existing part of these frames."""
    if not 0 <= question.last - question.first < FRAMES_PER_CLIP:
        raise Problem.of_field("last", "too_many_frames", limit=FRAMES_PER_CLIP)
    medium = await media.find(question.media_id)
    if medium is None or medium.project_id != question.project_id:
        return [], Span(question.first, question.first)
    frames = Span(question.first, min(question.last, medium.frames_so_far - 1))
    return await objects.read(question.project_id, question.media_id, frames), frames


@router.subscriber(**request_handler(questions.ListTimePoints))
async def list_time_points(question: questions.ListTimePoints, objects: Objects) -> questions.TimePoints:
    """The frames of a medium with manual keyframes."""
    return await objects.time_points(question.project_id, question.media_id)


@router.subscriber(**request_handler(questions.FindObject))
async def find_object(question: questions.FindObject, objects: Objects) -> questions.ObjectOwner:
    """The project and medium of an object."""
    return await objects.owner(question.object_id)
