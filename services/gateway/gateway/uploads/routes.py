"""Uploads: large files in parts, small ones as a form."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from starlette.datastructures import FormData, UploadFile

from common.contract.errors import FieldError, Problem, reason_for
from common.contract.media import Upload
from common.contract.questions import AbortUpload, FinishUpload, GetUpload, StartUpload
from common.service.ids import stable_id
from gateway.dependencies import Dependencies, Injected
from gateway.domain.projects import Member
from gateway.http.access import ResourceAccess, project_access, upload_access
from gateway.http.body_limits import declared_length
from gateway.http.openapi import binary_request_body
from gateway.http.parameters import IdempotencyKey
from gateway.http.responses import model_response
from gateway.http.validation import refuse_unknown_fields
from gateway.media.schemas import MediumJson, medium_json
from gateway.uploads import service
from gateway.uploads.schemas import UPLOAD_FORM, NewUpload, UploadConditions, UploadJson, upload_json

router = APIRouter(tags=["uploads"])
Uploader = Annotated[Member, project_access("upload")]
UploadAccess = Annotated[ResourceAccess, upload_access("upload")]


@router.post("/projects/{project}/uploads", status_code=201)
async def start_upload(
    new: NewUpload, member: Uploader, dependencies: Injected, key: IdempotencyKey = None
) -> UploadJson:
    """Start an upload. Idempotent with the same `Idempotency-Key`."""
    return upload_json(await _start(new, member, key, dependencies))


async def _start(new: NewUpload, member: Member, key: str | None, dependencies: Dependencies) -> Upload:
    return await dependencies.bus.ask(
        StartUpload(
            project_id=member.project_id,
            name=new.name,
            size_bytes=new.size_bytes,
            kind=new.kind,
            conditions=new.conditions,
            sha256=new.sha256,
            idempotency_key=stable_id(member.user.id, member.project_id, key) if key else None,
            author=member.user.id,
        )
    )


@router.get("/uploads/{upload}")
async def read_upload(access: UploadAccess, dependencies: Injected) -> UploadJson:
    """Get an upload with its stored parts, to resume it."""
    return upload_json(await dependencies.bus.ask(GetUpload(upload_id=access.id)))


@router.put("/uploads/{upload}/parts/{number}", status_code=204, openapi_extra=binary_request_body())
async def put_part(
    number: Annotated[int, Path(ge=1, le=10_000, description="Numbered from 1.")],
    access: UploadAccess,
    request: Request,
    dependencies: Injected,
) -> Response:
    """Store or replace a part."""
    await service.store_part(access.id, number, declared_length(request), request.stream(), dependencies)
    return Response(status_code=204)


@router.post("/uploads/{upload}/complete")
async def complete_upload(access: UploadAccess, dependencies: Injected) -> MediumJson:
    """Complete an upload once all parts are stored; the response is the new medium. Idempotent."""
    return medium_json(await dependencies.bus.ask(FinishUpload(upload_id=access.id)))


@router.delete("/uploads/{upload}", status_code=204)
async def abort_upload(access: UploadAccess, dependencies: Injected) -> Response:
    """Cancel an upload and delete its parts."""
    await dependencies.bus.ask(AbortUpload(upload_id=access.id))
    return Response(status_code=204)


@router.post("/projects/{project}/media", status_code=201, response_model=MediumJson, openapi_extra=UPLOAD_FORM)
async def upload_file(
    member: Uploader,
    request: Request,
    dependencies: Injected,
    key: IdempotencyKey = None,
) -> Response:
    """Upload a small file as a form."""
    # FastAPI would read a form parameter before the dependencies have checked access.
    async with request.form(max_files=1, max_fields=20) as form:
        file, new = _read_form(form)
        upload = await _start(new, member, key, dependencies)
        medium = await service.store_file(file, upload, dependencies)
    return model_response(medium_json(medium), 201)


def _read_form(form: FormData) -> tuple[UploadFile, NewUpload]:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise Problem.of_field("file", "file_required")
    refuse_unknown_fields(form, {"file", "name", *UploadConditions.model_fields})
    fields: dict[str, Any] = {name: value for name, value in form.items() if isinstance(value, str) and name != "file"}
    if missing := [name for name in UploadConditions.model_fields if not fields.get(name)]:
        raise Problem.of_fields([FieldError(name, reason_for("missing")) for name in missing])
    defaults = {"name": fields.get("name") or file.filename or "", "size_bytes": file.size or 0}
    return file, NewUpload.model_validate(fields | defaults)
