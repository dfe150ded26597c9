"""Edits of objects: one by one, in batches, as operations on many objects, undo and restore."""

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter

from common.contract.edits import Edit
from common.contract.errors import Problem
from common.contract.questions import EditResults, EditSelection, OperationResult, RestoreMoment, UndoEdits
from gateway.dependencies import Injected
from gateway.domain.json_limits import JsonLimitExceeded, check_json
from gateway.edits import service
from gateway.edits.schemas import Edits, Operation, RestorePoint, Undo
from gateway.http.access import MediumLabeler
from gateway.http.batches import json_body, parse_object, parse_small, validate_each
from gateway.http.openapi import json_request_body
from gateway.http.parameters import Origin, WorkSession, check_frame_range
from gateway.http.responses import forward, json_response

router = APIRouter(tags=["labels"])
_EDIT = TypeAdapter[Edit](Edit)


@router.post("/media/{medium}/edits", response_model=EditResults, openapi_extra=json_request_body(Edits))
async def apply_edits(
    request: Request,
    access: MediumLabeler,
    dependencies: Injected,
    work_session: WorkSession = None,
) -> Response:
    """Apply edits. Each has its own result, in the order of the request; an edit sent twice is applied once. Malformed
    edits are refused with a reason, and the others are applied (with `atomic`, none)."""
    target = service.EditTarget(access.id, access.member, work_session)
    body = await json_body(request)
    if (valid := parse_small(Edits, body)) is not None:
        return json_response(await service.apply(valid.edits, target, dependencies, atomic=valid.atomic))
    parsed = parse_object(body, Edits.model_fields)
    atomic = parsed.get("atomic", False)
    if not isinstance(atomic, bool):
        raise Problem.of_field("atomic", "bool_type")
    batch = validate_each(parsed.get("edits"), "edits", _EDIT, "id")
    if not batch.refused:
        return json_response(await service.apply(batch.items, target, dependencies, atomic=atomic))
    return json_response(await service.apply_valid(batch, target, dependencies, atomic=atomic))


@router.post("/media/{medium}/operations", response_model=OperationResult)
async def apply_operation(
    operation: Operation, access: MediumLabeler, origin: Origin, dependencies: Injected
) -> Response:
    """Apply the same change to many objects. One undo reverts it."""
    try:
        check_json(operation.change)
    except JsonLimitExceeded as error:
        raise Problem.of_field("change", error.code, **error.params) from error
    check_frame_range(operation.selection.first, operation.selection.last)
    question = EditSelection(
        **origin.fields(access.member, f"operations {access.id}"),
        media_id=access.id,
        selection=operation.selection,
        change=operation.change,
        rules=access.member.rules,
    )
    return await forward(question, dependencies)


@router.post("/media/{medium}/undo", response_model=OperationResult)
async def undo_operations(undo: Undo, access: MediumLabeler, origin: Origin, dependencies: Injected) -> Response:
    """Undo your last operations on a medium. Objects that others changed since then stay as they are, and are reported
    as failed."""
    question = UndoEdits(
        **origin.fields(access.member, f"undo {access.id}"),
        media_id=access.id,
        count=undo.count,
        of=access.member.user.id,
        of_session=undo.session,
    )
    return await forward(question, dependencies)


@router.post("/media/{medium}/restore", response_model=OperationResult)
async def restore_medium(
    point: RestorePoint, access: MediumLabeler, origin: Origin, dependencies: Injected
) -> Response:
    """Restore the objects of a medium, or of some of its frames, to an earlier time. One undo reverts it."""
    check_frame_range(point.first, point.last)
    fields = origin.fields(access.member, f"moments {access.id}")
    return await forward(RestoreMoment(**fields, media_id=access.id, **point.model_dump()), dependencies)
