"""Labels: objects, edits, computed boxes, history."""

import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Response
from fastapi.responses import StreamingResponse
from prometheus_client import Counter, Histogram
from pydantic import BaseModel, Field

from common.errors import Problem, invalid
from common.ids import new_id, same_id
from common.labels import Edit, EditResult, Frame, Id, ObjectState, Restore
from common.questions import ApplyEdits, EditResults, FindObject, HistoryEntry, ReadBoxes, ReadHistory, ReadObjects
from gateway.api.access import Access, IdempotencyKey, to_medium, to_object
from gateway.api.answers import Cursor, Limit, Listed, json_of, page_of
from gateway.parts import Parts, With

router = APIRouter(tags=["labels"])
EDITS = Counter("tracklane_edits_sent_total", "Edits sent by people and programs", ["status"])
EDIT_SECONDS = Histogram(
    "tracklane_edit_seconds",
    "Time from a batch of edits to its answer",
    buckets=(0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.25, 1, 5),
)
# A crowded clip has hundreds of boxes a frame: an answer of so many frames stays a few megabytes.
FRAMES_AT_ONCE = 300

WorkSession = Annotated[
    str | None, Header(alias="X-Work-Session", max_length=64, description="Which window or program; kept in history.")
]


class Edits(BaseModel):
    """Edits of one medium's objects. With `atomic`, all or none."""

    edits: list[Edit] = Field(min_length=1, max_length=500)
    atomic: bool = False


class RestoreTo(BaseModel):
    """Which revision an object goes back to. `edit_id`, made by the client, makes a retry the same edit."""

    revision: int = Field(ge=1)
    edit_id: Id | None = None


@router.get("/media/{medium}/objects", response_model=Listed[ObjectState])
async def list_objects(
    access: Annotated[Access, to_medium("read")], parts: With, first: Frame | None = None, last: Frame | None = None
) -> Response:
    """The objects that touch frames first…last (inclusive; all if not given), each with its revision."""
    if first is not None and last is not None and last < first:
        raise invalid("last", "The last frame comes before the first.")
    found = await parts.bus.ask(ReadObjects(project_id=access.project_id, media_id=access.id, first=first, last=last))
    return json_of(Listed[ObjectState].model_construct(items=found.objects, next_cursor=None))


@router.post("/media/{medium}/edits", response_model=EditResults)
async def apply_edits(
    batch: Edits, access: Annotated[Access, to_medium("label")], parts: With, work_session: WorkSession = None
) -> Response:
    """Apply edits; each is answered by itself, and sent twice it is the same edit."""
    return json_of(await _apply(batch, access, work_session, parts))


async def _apply(batch: Edits, access: Access, work_session: str | None, parts: Parts) -> EditResults:
    started = time.monotonic()
    media_id = access.owned.media_id or access.id
    answer = await parts.bus.ask(
        ApplyEdits.model_construct(
            project_id=access.project_id,
            media_id=media_id,
            edits=batch.edits,
            atomic=batch.atomic,
            author=access.member.user.id,
            session=work_session,
            frame_count=await parts.ownership.frame_count(media_id),
        )
    )
    EDIT_SECONDS.observe(time.monotonic() - started)
    for result in answer.results:
        EDITS.labels(result.status).inc()
    return answer


@router.get("/media/{medium}/boxes", response_class=StreamingResponse)
async def read_boxes(
    access: Annotated[Access, to_medium("read")], parts: With, first: Frame = 0, last: Frame | None = None
) -> Response:
    """Every visible box on every frame first…last, computed: one JSON object a line, in the order of frames."""
    if last is None:
        frames = await parts.ownership.frame_count(access.id)
        if frames is None:
            raise Problem(409, "Not counted yet", "How many frames there are is not known yet. Say `last`.")
        last = frames - 1
    if last < first:
        raise invalid("last", "The last frame comes before the first.")
    # Asked before the answer begins, so that a service that is away is an error and not a broken body.
    begun = await _boxes(access, first, last, parts)
    lines = _lines(begun, access, first, last, parts)
    return StreamingResponse(lines, media_type="application/x-ndjson", headers={"Cache-Control": "no-store"})


async def _boxes(access: Access, first: int, last: int, parts: Parts) -> bytes:
    end = min(first + FRAMES_AT_ONCE - 1, last)
    found = await parts.bus.ask(ReadBoxes(project_id=access.project_id, media_id=access.id, first=first, last=end))
    return "".join(row.model_dump_json() + "\n" for row in found.rows).encode()


async def _lines(begun: bytes, access: Access, first: int, last: int, parts: Parts) -> AsyncIterator[bytes]:
    yield begun
    for start in range(first + FRAMES_AT_ONCE, last + 1, FRAMES_AT_ONCE):
        yield await _boxes(access, start, last, parts)


@router.get("/objects/{object_id}/history", response_model=Listed[HistoryEntry])
async def read_history(
    access: Annotated[Access, to_object("read")], parts: With, limit: Limit = 100, cursor: Cursor = None
) -> Response:
    """How an object came to be what it is, newest change first."""
    return json_of(await parts.bus.ask(ReadHistory(object_id=access.id, page=page_of(limit, cursor))))


@router.post("/objects/{object_id}/restore", response_model=EditResult)
async def restore(
    to: RestoreTo,
    access: Annotated[Access, to_object("label")],
    parts: With,
    key: IdempotencyKey = None,
    work_session: WorkSession = None,
) -> Response:
    """Bring an object back to an earlier revision; that is an edit like any other."""
    edit_id = to.edit_id or (same_id("restore", access.member.user.id, access.id, key) if key else new_id())
    now = await parts.bus.ask(FindObject(object_id=access.id))
    edit = Restore(id=edit_id, object=access.id, base_revision=now.revision, revision=to.revision)
    answer = await _apply(Edits(edits=[edit]), access, work_session, parts)
    result = answer.results[0]
    if result.status == "refused":
        raise Problem(422, "Not restored", result.reason or "This revision cannot be restored.")
    return json_of(result, 409 if result.status == "conflict" else 200)
