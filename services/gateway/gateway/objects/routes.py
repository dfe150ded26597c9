"""Objects: their states, their shapes on every frame, their history."""

from collections.abc import AsyncIterator
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import Field, FiniteFloat

from common.contract import questions
from common.contract.edits import EditResult, Restore
from common.contract.errors import Problem
from common.contract.labels import Frame, Id, ObjectState
from common.service.ids import new_id, stable_id
from gateway.dependencies import Dependencies, Injected
from gateway.edits import service as edits
from gateway.http.access import MediumReader, ResourceAccess, object_access
from gateway.http.openapi import ndjson_response
from gateway.http.parameters import FrameRange, IdempotencyKey, PageQuery, WorkSession, check_frame_range
from gateway.http.responses import Page, forward, list_response, model_response
from gateway.http.validation import RequestModel

router = APIRouter(tags=["labels"])
# A crowded clip has hundreds of boxes a frame: the response for this many frames stays at a few megabytes.
BOX_FRAMES, SHAPE_FRAMES = 300, 100


class RestoreRevision(RequestModel):
    """The revision to restore. `edit_id`, created by the client, makes a retry the same edit."""

    revision: int = Field(ge=1)
    edit_id: Id | None = None


@router.get("/media/{medium}/objects", response_model=Page[ObjectState])
async def list_objects(
    access: MediumReader,
    dependencies: Injected,
    frames: FrameRange,
    at: Annotated[FiniteFloat | None, Query(ge=0, description="As of this time, in Unix seconds.")] = None,
) -> Response:
    """List the objects that touch frames first…last (inclusive; all by default), each with its revision."""
    first, last = frames
    question = questions.ReadObjects(project_id=access.project_id, media_id=access.id, first=first, last=last, at=at)
    return list_response(await dependencies.bus.ask_json(question), "objects")


@router.get("/media/{medium}/time-points", response_model=Page[questions.TimePoint])
async def list_time_points(access: MediumReader, dependencies: Injected) -> Response:
    """List the frames with manual keyframes, in order, with the objects of each."""
    question = questions.ListTimePoints(project_id=access.project_id, media_id=access.id)
    return list_response(await dependencies.bus.ask_json(question), "items")


@router.get("/media/{medium}/boxes", response_class=StreamingResponse, responses=ndjson_response(questions.BoxRow))
async def read_boxes(
    access: MediumReader, dependencies: Injected, first: Frame = 0, last: Frame | None = None
) -> Response:
    """Stream the bounding box of every visible shape on frames first…last, interpolated, as one JSON object a line
    ordered by frame."""
    return await _stream(questions.ReadBoxes, BOX_FRAMES, access, (first, last), dependencies)


@router.get("/media/{medium}/shapes", response_class=StreamingResponse, responses=ndjson_response(questions.ShapeRow))
async def read_shapes(
    access: MediumReader, dependencies: Injected, first: Frame = 0, last: Frame | None = None
) -> Response:
    """Stream every visible shape on frames first…last, interpolated, as one JSON object a line ordered by frame."""
    return await _stream(questions.ReadShapes, SHAPE_FRAMES, access, (first, last), dependencies)


async def _stream(
    question: type[questions.ReadBoxes | questions.ReadShapes],
    step: int,
    access: ResourceAccess,
    frames: tuple[int, int | None],
    dependencies: Dependencies,
) -> Response:
    first, last = frames
    if last is None:
        count = await dependencies.owners.frame_count(access.id)
        if count is None:
            raise Problem("frame_count_unknown")
        last = max(first, count - 1)
    check_frame_range(first, last)

    async def lines_from(start: int) -> bytes:
        end = min(start + step - 1, last)
        range_question = question(project_id=access.project_id, media_id=access.id, first=start, last=end)
        rows = orjson.loads(await dependencies.bus.ask_json(range_question))["rows"]
        return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)

    # Read before the response begins, so that an unavailable service is an error and not a broken body.
    head = await lines_from(first)

    async def lines() -> AsyncIterator[bytes]:
        yield head
        for start in range(first + step, last + 1, step):
            yield await lines_from(start)

    return StreamingResponse(lines(), media_type="application/x-ndjson", headers={"Cache-Control": "no-store"})


@router.get("/objects/{object_id}/history", response_model=Page[questions.HistoryEntry])
async def read_history(
    access: Annotated[ResourceAccess, object_access("read")], dependencies: Injected, page: PageQuery
) -> Response:
    """List the changes of an object, newest first."""
    return await forward(questions.ReadHistory(object_id=access.id, page=page), dependencies)


@router.post("/objects/{object_id}/restore", response_model=EditResult)
async def restore_object(
    to: RestoreRevision,
    access: Annotated[ResourceAccess, object_access("label")],
    dependencies: Injected,
    key: IdempotencyKey = None,
    work_session: WorkSession = None,
) -> Response:
    """Restore an object to an earlier revision. This is an edit like any other."""
    edit_id = to.edit_id or (stable_id("restore", access.member.user.id, access.id, key) if key else new_id())
    current = await dependencies.bus.ask(questions.FindObject(object_id=access.id))
    edit = Restore(id=edit_id, object=access.id, base_revision=current.revision, revision=to.revision)
    target = edits.EditTarget(current.media_id, access.member, work_session)
    body = await edits.apply([edit], target, dependencies)
    result = questions.EditResults.model_validate_json(body).results[0]
    if result.reason is not None:
        raise Problem.of_reason(result.reason)
    return model_response(result, 409 if result.status == "conflict" else 200)
