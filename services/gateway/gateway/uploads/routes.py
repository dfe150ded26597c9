"""Uploads: bytes go through to S3 as they come; the gateway never holds them."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import FormData, UploadFile

from common.contract.media import Conditions, Fov, Kind, Lighting, Sha256, Upload, Weather
from common.contract.questions import AbortUpload, FinishUpload, GetUpload, PartUrl, PresignPart, StartUpload
from common.service.errors import FieldError, Problem, invalid
from common.service.ids import same_id
from common.service.metrics import BYTES_CARRIED
from gateway.dependencies import Dependencies, Injected
from gateway.domain.people import Member
from gateway.http.access import IdempotencyKey, ResourceAccess, project_access, upload_access
from gateway.http.responses import model_response
from gateway.media.schemas import MediumJson, UploadJson, medium_json, upload_json

router = APIRouter(tags=["uploads"])
CHUNK = 256 * 1024


class UploadConditions(BaseModel):
    """What has to be said of every upload."""

    model_config = ConfigDict(extra="ignore")

    kind: Kind
    weather: Weather
    lighting: Lighting
    fov: Fov

    @property
    def conditions(self) -> Conditions:
        """Under which conditions it was filmed."""
        return Conditions(weather=self.weather, lighting=self.lighting, fov=self.fov)


class NewUpload(UploadConditions):
    """A file that is going to come."""

    name: str = Field(min_length=1, max_length=255)
    size_bytes: int = Field(ge=0)
    sha256: Sha256 | None = None


@router.post("/projects/{project}/uploads", status_code=201)
async def start_upload(
    new: NewUpload,
    member: Annotated[Member, project_access("upload")],
    dependencies: Injected,
    key: IdempotencyKey = None,
) -> UploadJson:
    """Begin an upload; with the same Idempotency-Key, find it again."""
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
            idempotency_key=same_id(member.user.id, member.project_id, key) if key else None,
            author=member.user.id,
        )
    )


@router.get("/uploads/{upload}")
async def read_upload(access: Annotated[ResourceAccess, upload_access("upload")], dependencies: Injected) -> UploadJson:
    """An upload and the parts that are stored, to resume it."""
    return upload_json(await dependencies.bus.ask(GetUpload(upload_id=access.id)))


@router.put(
    "/uploads/{upload}/parts/{number}",
    status_code=204,
    openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": {}}}},
)
async def put_part(
    number: Annotated[int, Path(ge=1, le=10_000)],
    access: Annotated[ResourceAccess, upload_access("upload")],
    request: Request,
    dependencies: Injected,
) -> Response:
    """Store one part (from 1); again, it is replaced."""
    part = await dependencies.bus.ask(PresignPart(upload_id=access.id, number=number, size_bytes=_size(request)))
    await _carry(request.stream(), part, dependencies)
    return Response(status_code=204)


def _size(request: Request) -> int:
    told = request.headers.get("content-length", "")
    if not told.isdecimal():
        raise Problem(411, "Length required", "Send the part with a Content-Length.")
    return int(told)


async def _carry(body: AsyncIterator[bytes], part: PartUrl, dependencies: Dependencies) -> None:
    headers = {"Content-Length": str(part.size_bytes)}
    stored = await dependencies.bus.objects.http.put(part.url, content=_counted(body, part.size_bytes), headers=headers)
    if stored.status_code == httpx.codes.NOT_FOUND:
        raise Problem(409, "Upload is over", "This upload was completed or given up.")
    if stored.is_error:
        raise Problem(503, "Not stored", f"The object store answered {stored.status_code}. Please send the part again.")


async def _counted(body: AsyncIterator[bytes], size_bytes: int) -> AsyncIterator[bytes]:
    """The body, as long as it was said to be."""
    left = size_bytes
    async for chunk in body:
        left -= len(chunk)
        if left < 0:
            raise Problem(400, "Wrong length", "The part is longer than its Content-Length.")
        BYTES_CARRIED.labels("up").inc(len(chunk))
        yield chunk
    if left:
        raise Problem(400, "Wrong length", "The part is shorter than its Content-Length.")


@router.post("/uploads/{upload}/complete")
async def complete_upload(
    access: Annotated[ResourceAccess, upload_access("upload")], dependencies: Injected
) -> MediumJson:
    """All parts are there: make it a medium. Again, it is the same medium."""
    return medium_json(await dependencies.bus.ask(FinishUpload(upload_id=access.id)))


@router.delete("/uploads/{upload}", status_code=204)
async def abort_upload(access: Annotated[ResourceAccess, upload_access("upload")], dependencies: Injected) -> Response:
    """Give an upload up; its parts go."""
    await dependencies.bus.ask(AbortUpload(upload_id=access.id))
    return Response(status_code=204)


_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "kind", "weather", "lighting", "fov"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        **UploadConditions.model_json_schema()["properties"],
                    },
                }
            }
        },
    }
}


@router.post("/projects/{project}/media", status_code=201, response_model=MediumJson, openapi_extra=_FORM)
async def upload_at_once(
    member: Annotated[Member, project_access("upload")],
    request: Request,
    dependencies: Injected,
    key: IdempotencyKey = None,
) -> Response:
    """Upload one small file as a form: `file`, `kind`, `weather`, `lighting`, `fov`."""
    # The form is read here and not by a parameter, because FastAPI reads parameters before it asks who it is.
    async with request.form(max_files=1, max_fields=20) as form:
        file, new = _read_form(form)
        upload = await _start(new, member, key, dependencies)
        if upload.state == "open":
            await _carry_file(file, upload, dependencies)
    return model_response(medium_json(await dependencies.bus.ask(FinishUpload(upload_id=upload.id))), 201)


def _read_form(form: FormData) -> tuple[UploadFile, NewUpload]:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise invalid("file", "Choose a file.")
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    missing = [name for name in UploadConditions.model_fields if not fields.get(name)]
    if missing:
        errors = [FieldError(name, "Field required") for name in missing]
        raise Problem(422, "Invalid request", f"Missing: {', '.join(missing)}.", errors)
    resource_id = {"name": fields.get("name") or file.filename or "", "size_bytes": file.size or 0}
    return file, NewUpload.model_validate(fields | resource_id)


async def _carry_file(file: UploadFile, upload: Upload, dependencies: Dependencies) -> None:
    for number, start in enumerate(range(0, upload.size_bytes, upload.part_size_bytes), start=1):
        size = min(upload.part_size_bytes, upload.size_bytes - start)
        part = await dependencies.bus.ask(PresignPart(upload_id=upload.id, number=number, size_bytes=size))
        await file.seek(start)
        await _carry(_pieces(file, size), part, dependencies)


async def _pieces(file: UploadFile, size: int) -> AsyncIterator[bytes]:
    while size > 0 and (chunk := await file.read(min(CHUNK, size))):
        size -= len(chunk)
        yield chunk
