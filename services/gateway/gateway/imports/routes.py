"""Imports: label files that become objects."""

from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from common.contract.labels import Id
from common.contract.questions import CancelImport, CommitImport, GetImport, Import, ListImports, S3Target, StartImport
from common.service.errors import Problem, invalid
from common.service.metrics import BYTES_CARRIED
from common.storage.objects import import_key
from gateway.dependencies import Dependencies, Injected
from gateway.domain.people import Member
from gateway.http.access import IdempotencyKey, ResourceAccess, import_access, project_access, resource_id
from gateway.http.responses import Cursor, Limit, Page, page_request
from gateway.media.routes import ensure_in_project

router = APIRouter(tags=["imports"])


class NewImport(BaseModel):
    """How an archive is to be read."""

    name: str = Field("archive.zip", min_length=1, max_length=255, description="A label file may mean media by it.")
    format: str | None = Field(None, min_length=1, max_length=100, description="Recognised, if not given.")
    mission: str | None = Field(None, min_length=1, max_length=200, description="Id or name; else as the archive says.")
    media: list[Id] | None = Field(None, max_length=1000, description="Media that labels may go to; all if not given.")
    dry_run: bool = False
    add_classes: bool = True


@router.post(
    "/projects/{project}/imports",
    status_code=201,
    openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": {}}}},
)
async def start_import(
    member: Annotated[Member, project_access("label")],
    new: Annotated[NewImport, Query()],
    request: Request,
    dependencies: Injected,
    key: IdempotencyKey = None,
) -> Import:
    """Upload an archive of labels, or a single label file, as the body, and begin to make objects of it.

    Classes that the missions lack are added, or, without `add_classes`, what needs them is refused. A dry run tells
    what would become of it.
    """
    import_id = resource_id(member.caller, f"imports {member.project_id}", key)
    if key is not None and (known := await _known(import_id, dependencies)):
        return known
    if new.media is not None:
        await ensure_in_project(new.media, member.project_id, dependencies)
    object_key = import_key(member.project_id, import_id)
    await _carry(request, object_key, dependencies)
    question = StartImport(
        import_id=import_id,
        project_id=member.project_id,
        object_key=object_key,
        **new.model_dump(),
        rules=member.rules,
        author=member.user.id,
    )
    try:
        return await dependencies.bus.ask(question)
    except Problem as problem:
        if problem.status < 500:
            await dependencies.bus.objects.delete(object_key)
        raise


class OutsideImport(NewImport):
    """Labels in someone else's S3, and how they are to be read. The folder of the source may name one file."""

    name: str = Field("", max_length=255, description="A label file may mean media by it; else the last of the path.")
    source: S3Target


@router.post("/projects/{project}/imports/from-s3", status_code=201)
async def start_outside_import(
    new: OutsideImport,
    member: Annotated[Member, project_access("label")],
    dependencies: Injected,
    key: IdempotencyKey = None,
) -> Import:
    """Fetch label files, or an archive of them, from the bucket of somebody else's S3 (`source`), whose keys are used
    once and shown to nobody, and begin to make objects of them."""
    import_id = resource_id(member.caller, f"imports {member.project_id}", key)
    if new.media is not None:
        await ensure_in_project(new.media, member.project_id, dependencies)
    path = new.source.folder.strip().strip("/")
    named_so = new.name or path.rpartition("/")[2] or new.source.bucket
    return await dependencies.bus.ask(
        StartImport(
            import_id=import_id,
            project_id=member.project_id,
            object_key=import_key(member.project_id, import_id),
            **new.model_dump(exclude={"name"}),
            name=named_so[-255:],
            rules=member.rules,
            author=member.user.id,
        )
    )


async def _known(import_id: str, dependencies: Dependencies) -> Import | None:
    try:
        return await dependencies.bus.ask(GetImport(import_id=import_id))
    except Problem as problem:
        if problem.status == 404:
            return None
        raise


async def _carry(request: Request, object_key: str, dependencies: Dependencies) -> None:
    """The body to S3 as it comes; its size was checked before anybody looked at the request."""
    told = request.headers.get("content-length", "")
    if not told.isdecimal():
        raise Problem(411, "Length required", "Send the archive with a Content-Length.")
    if int(told) == 0:
        raise invalid("body", "Send the archive as the request's body.")
    url = dependencies.bus.objects.presigned("PUT", object_key)
    body = _counted(request.stream(), int(told))
    stored = await dependencies.bus.objects.http.put(url, content=body, headers={"Content-Length": told})
    if stored.status_code != httpx.codes.OK:
        raise Problem(503, "Not stored", f"The object store answered {stored.status_code}. Please send it again.")


async def _counted(body: AsyncIterator[bytes], size_bytes: int) -> AsyncIterator[bytes]:
    """The body, as long as it was said to be."""
    left = size_bytes
    async for chunk in body:
        left -= len(chunk)
        if left < 0:
            raise Problem(400, "Wrong length", "The archive is longer than its Content-Length.")
        BYTES_CARRIED.labels("up").inc(len(chunk))
        yield chunk
    if left:
        raise Problem(400, "Wrong length", "The archive is shorter than its Content-Length.")


@router.get("/projects/{project}/imports")
async def list_imports(
    member: Annotated[Member, project_access("read")], dependencies: Injected, limit: Limit = 100, cursor: Cursor = None
) -> Page[Import]:
    """The imports of a project, newest first."""
    found = await dependencies.bus.ask(ListImports(project_id=member.project_id, page=page_request(limit, cursor)))
    return Page(items=found.items, next_cursor=found.next_cursor)


@router.get("/imports/{import_id}")
async def read_import(access: Annotated[ResourceAccess, import_access("read")], dependencies: Injected) -> Import:
    """How far an import is, and which rows of it did not become objects, and why."""
    return await dependencies.bus.ask(GetImport(import_id=access.id))


@router.post("/imports/{import_id}/carry-out")
async def carry_out_import(access: Annotated[ResourceAccess, import_access("label")], dependencies: Injected) -> Import:
    """Import in earnest what a dry run looked at, without sending it again, as long as its archive is kept."""
    return await dependencies.bus.ask(CommitImport(import_id=access.id))


@router.delete("/imports/{import_id}")
async def cancel_import(access: Annotated[ResourceAccess, import_access("label")], dependencies: Injected) -> Import:
    """Stop an import; the objects that it made so far stay, and can be undone at once."""
    return await dependencies.bus.ask(CancelImport(import_id=access.id))
