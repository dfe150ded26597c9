"""Edits: what people and programs change in labels, one by one or many as one act."""

import time
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Request, Response
from prometheus_client import Counter, Histogram
from pydantic import BaseModel, Field, FiniteFloat, TypeAdapter

from common.contract.edits import Edit, EditResult
from common.contract.labels import Frame
from common.contract.model import Model
from common.contract.questions import (
    ApplyEdits,
    EditResults,
    EditSelection,
    OperationResult,
    RestoreMoment,
    Selection,
    UndoEdits,
)
from common.service.errors import invalid
from gateway.dependencies import Dependencies, Injected
from gateway.domain.json_limits import limit_violation
from gateway.http.access import IdempotencyKey, ResourceAccess, medium_access, resource_id
from gateway.http.batches import Batch, json_body, parse_small, parsed, validate_each
from gateway.http.openapi import json_request_body
from gateway.http.responses import check_frame_range, json_response

router = APIRouter(tags=["labels"])
EDITS = Counter("tracklane_edits_sent_total", "Edits sent by people and programs", ["status"])
EDIT_SECONDS = Histogram(
    "tracklane_edit_seconds",
    "Time from a batch of edits to its answer",
    buckets=(0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.25, 1, 5),
)
WorkSession = Annotated[
    str | None, Header(alias="X-Work-Session", max_length=64, description="Which window or program; kept in history.")
]
_ONE = TypeAdapter[Edit](Edit)


class Edits(Model):
    """Edits of one medium's objects. With `atomic`, all or none."""

    edits: list[Edit] = Field(min_length=1, max_length=500)
    atomic: bool = False


class Operation(BaseModel):
    """The same change to many objects, as one act. `change` is an edit without id, object, base revision and
    operation, for instance `{"verb": "delete"}`; an empty selection is all objects of the medium."""

    selection: Selection
    change: dict[str, Any]


class Undo(BaseModel):
    """How many of my last acts to take back; of one window's or program's, if `session` says which."""

    count: int = Field(default=1, ge=1, le=100)
    session: str | None = Field(default=None, max_length=64)


class Moment(BaseModel):
    """The moment, in seconds since 1970, to which objects go back; those on frames first…last, or all."""

    at: FiniteFloat = Field(ge=0)
    first: Frame | None = None
    last: Frame | None = None


@router.post("/media/{medium}/edits", response_model=EditResults, openapi_extra=json_request_body(Edits))
async def apply_edits(
    request: Request,
    access: Annotated[ResourceAccess, medium_access("label")],
    dependencies: Injected,
    work_session: WorkSession = None,
) -> Response:
    """Apply edits; each is answered by itself, in the order they came, and sent twice it is the same edit. One that is
    malformed is refused with a reason; the others are applied, or with `atomic` none."""
    body = await json_body(request)
    if (edits := parse_small(Edits, body)) is not None:
        return json_response(await apply(edits, access, work_session, dependencies))
    found = parsed(body)
    atomic = found.get("atomic", False)
    if not isinstance(atomic, bool):
        raise invalid("atomic", "true or false is expected.")
    batch = validate_each(found, "edits", _ONE, "id")
    if not batch.refused:
        return json_response(await apply(Edits(edits=batch.items, atomic=atomic), access, work_session, dependencies))
    return json_response(await _apply_the_rest(batch, atomic, access, work_session, dependencies))


async def _apply_the_rest(
    batch: Batch[Edit], atomic: bool, access: ResourceAccess, work_session: str | None, dependencies: Dependencies
) -> bytes:
    EDITS.labels("refused").inc(len(batch.refused))
    answered: list[Any] = []
    if atomic:
        reason = "Not applied, because another edit of the batch failed."
        answered = [EditResult(id=edit.id, status="refused", reason=reason) for edit in batch.items]
        EDITS.labels("refused").inc(len(answered))
    elif batch.items:
        answer = await apply(Edits(edits=batch.items), access, work_session, dependencies)
        answered = orjson.loads(answer)["results"]
    return orjson.dumps({"results": batch.in_order(answered)}, default=EditResult.model_dump)


async def apply(edits: Edits, access: ResourceAccess, work_session: str | None, dependencies: Dependencies) -> bytes:
    """What became of the edits, as `EditResults` in JSON."""
    started = time.monotonic()
    media_id = access.owned.media_id or access.id
    answer = await dependencies.bus.ask_json(
        ApplyEdits.model_construct(
            project_id=access.project_id,
            media_id=media_id,
            edits=edits.edits,
            atomic=edits.atomic,
            author=access.member.user.id,
            session=work_session,
            frame_count=await dependencies.ownership.frame_count(media_id),
            rules=access.member.rules,
        )
    )
    EDIT_SECONDS.observe(time.monotonic() - started)
    for result in orjson.loads(answer)["results"]:
        EDITS.labels(result["status"]).inc()
    return answer


@router.post("/media/{medium}/operations", response_model=OperationResult)
async def change_many(
    operation: Operation,
    access: Annotated[ResourceAccess, medium_access("label")],
    dependencies: Injected,
    key: IdempotencyKey = None,
    work_session: WorkSession = None,
) -> Response:
    """Change many objects alike; that is one act, which one undo takes back."""
    if reason := limit_violation(operation.change):
        raise invalid("change", reason)
    check_frame_range(operation.selection.first, operation.selection.last)
    question = EditSelection(
        operation=resource_id(access.member.caller, f"operations {access.id}", key),
        project_id=access.project_id,
        media_id=access.id,
        selection=operation.selection,
        change=operation.change,
        author=access.member.user.id,
        session=work_session,
        rules=access.member.rules,
    )
    return json_response(await dependencies.bus.ask_json(question))


@router.post("/media/{medium}/undo", response_model=OperationResult)
async def undo(
    what: Undo,
    access: Annotated[ResourceAccess, medium_access("label")],
    dependencies: Injected,
    key: IdempotencyKey = None,
    work_session: WorkSession = None,
) -> Response:
    """Take back my last acts on a medium; what others changed since stays, and is answered as a failure."""
    question = UndoEdits(
        operation=resource_id(access.member.caller, f"undo {access.id}", key),
        project_id=access.project_id,
        media_id=access.id,
        count=what.count,
        of=access.member.user.id,
        of_session=what.session,
        author=access.member.user.id,
        session=work_session,
    )
    return json_response(await dependencies.bus.ask_json(question))


@router.post("/media/{medium}/restore", response_model=OperationResult)
async def restore_moment(
    moment: Moment,
    access: Annotated[ResourceAccess, medium_access("label")],
    dependencies: Injected,
    key: IdempotencyKey = None,
    work_session: WorkSession = None,
) -> Response:
    """Bring the objects of a medium, or of a clip's frames, back to what they were at a moment; as one act."""
    check_frame_range(moment.first, moment.last)
    question = RestoreMoment(
        operation=resource_id(access.member.caller, f"moments {access.id}", key),
        project_id=access.project_id,
        media_id=access.id,
        at=moment.at,
        first=moment.first,
        last=moment.last,
        author=access.member.user.id,
        session=work_session,
    )
    return json_response(await dependencies.bus.ask_json(question))
