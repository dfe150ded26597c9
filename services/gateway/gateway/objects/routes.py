"""Labels as they are: objects, what is visible on each frame, and how an object came to be."""

from collections.abc import AsyncIterator
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, FiniteFloat

from common.contract.edits import EditResult, Restore
from common.contract.labels import Frame, Id, ObjectState
from common.contract.questions import (
    BoxRow,
    EditResults,
    FindObject,
    HistoryEntry,
    ListTimePoints,
    ReadBoxes,
    ReadHistory,
    ReadObjects,
    ReadShapes,
    ShapeRow,
    TimePoint,
)
from common.service.errors import Problem
from common.service.ids import new_id, same_id
from gateway.dependencies import Dependencies, Injected
from gateway.edits.routes import Edits, WorkSession, apply
from gateway.http.access import IdempotencyKey, ResourceAccess, medium_access, object_access
from gateway.http.openapi import ndjson_response
from gateway.http.responses import (
    Cursor,
    Frames,
    Limit,
    Page,
    check_frame_range,
    json_response,
    list_response,
    model_response,
    page_request,
)

router = APIRouter(tags=["labels"])
# A crowded clip has hundreds of boxes a frame: an answer of so many frames stays a few megabytes.
BOX_FRAMES, SHAPE_FRAMES = 300, 100


class RestoreTo(BaseModel):
    """Which revision an object goes back to. `edit_id`, made by the client, makes a retry the same edit."""

    revision: int = Field(ge=1)
    edit_id: Id | None = None


@router.get("/media/{medium}/objects", response_model=Page[ObjectState])
async def list_objects(
    access: Annotated[ResourceAccess, medium_access("read")],
    dependencies: Injected,
    frames: Frames,
    at: Annotated[FiniteFloat | None, Query(ge=0, description="As they were then: seconds since 1970.")] = None,
) -> Response:
    """The objects that touch frames first…last (inclusive; all if not given), each with its revision."""
    first, last = frames
    question = ReadObjects(project_id=access.project_id, media_id=access.id, first=first, last=last, at=at)
    return list_response(await dependencies.bus.ask_json(question), "objects")


@router.get("/media/{medium}/time-points", response_model=Page[TimePoint])
async def list_time_points(
    access: Annotated[ResourceAccess, medium_access("read")], dependencies: Injected
) -> Response:
    """The frames on which somebody set shapes by hand, in order, with the objects of each."""
    question = ListTimePoints(project_id=access.project_id, media_id=access.id)
    return list_response(await dependencies.bus.ask_json(question), "items")


@router.get("/media/{medium}/boxes", response_class=StreamingResponse, responses=ndjson_response(BoxRow))
async def read_boxes(
    access: Annotated[ResourceAccess, medium_access("read")],
    dependencies: Injected,
    first: Frame = 0,
    last: Frame | None = None,
) -> Response:
    """The box around every visible shape on every frame first…last, computed: one JSON object a line, in the order of
    frames."""
    return await _streamed(ReadBoxes, BOX_FRAMES, access, (first, last), dependencies)


@router.get("/media/{medium}/shapes", response_class=StreamingResponse, responses=ndjson_response(ShapeRow))
async def read_shapes(
    access: Annotated[ResourceAccess, medium_access("read")],
    dependencies: Injected,
    first: Frame = 0,
    last: Frame | None = None,
) -> Response:
    """Every visible shape on every frame first…last, computed: one JSON object a line, in the order of frames."""
    return await _streamed(ReadShapes, SHAPE_FRAMES, access, (first, last), dependencies)


async def _streamed(
    rows: type[ReadBoxes | ReadShapes],
    step: int,
    access: ResourceAccess,
    frames: tuple[int, int | None],
    dependencies: Dependencies,
) -> Response:
    first, last = frames
    if last is None:
        count = await dependencies.ownership.frame_count(access.id)
        if count is None:
            raise Problem(409, "Not counted yet", "How many frames there are is not known yet. Say `last`.")
        last = max(first, count - 1)
    check_frame_range(first, last)

    async def lines_from(start: int) -> bytes:
        end = min(start + step - 1, last)
        asked = rows(project_id=access.project_id, media_id=access.id, first=start, last=end)
        found = orjson.loads(await dependencies.bus.ask_json(asked))["rows"]
        return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in found)

    # Asked before the answer begins, so that a service that is away is an error and not a broken body.
    begun = await lines_from(first)

    async def lines() -> AsyncIterator[bytes]:
        yield begun
        for start in range(first + step, last + 1, step):
            yield await lines_from(start)

    return StreamingResponse(lines(), media_type="application/x-ndjson", headers={"Cache-Control": "no-store"})


@router.get("/objects/{object_id}/history", response_model=Page[HistoryEntry])
async def read_history(
    access: Annotated[ResourceAccess, object_access("read")],
    dependencies: Injected,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """How an object came to be what it is, newest change first."""
    return json_response(
        await dependencies.bus.ask_json(ReadHistory(object_id=access.id, page=page_request(limit, cursor)))
    )


@router.post("/objects/{object_id}/restore", response_model=EditResult)
async def restore(
    to: RestoreTo,
    access: Annotated[ResourceAccess, object_access("label")],
    dependencies: Injected,
    key: IdempotencyKey = None,
    work_session: WorkSession = None,
) -> Response:
    """Bring an object back to an earlier revision; that is an edit like any other."""
    edit_id = to.edit_id or (same_id("restore", access.member.user.id, access.id, key) if key else new_id())
    now = await dependencies.bus.ask(FindObject(object_id=access.id))
    edit = Restore(id=edit_id, object=access.id, base_revision=now.revision, revision=to.revision)
    answer = await apply(Edits(edits=[edit]), access, work_session, dependencies)
    result = EditResults.model_validate_json(answer).results[0]
    if result.status == "refused":
        raise Problem(422, "Not restored", str(result.reason or "This revision cannot be restored."))
    return model_response(result, 409 if result.status == "conflict" else 200)
