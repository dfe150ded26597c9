"""Exports: archives of a project's labels."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from common.contract.labels import Id, Source
from common.contract.questions import CancelExport, Export, ExportChoices, GetExport, ListExports, S3Target, StartExport
from common.service.errors import Problem
from gateway.dependencies import Injected
from gateway.domain.content_disposition import attachment
from gateway.domain.people import Member
from gateway.http.access import IdempotencyKey, ResourceAccess, export_access, project_access, resource_id
from gateway.http.downloads import download_object
from gateway.http.responses import Cursor, Limit, Page, page_request
from gateway.media.routes import ensure_in_project

router = APIRouter(tags=["exports"])


class NewExport(ExportChoices):
    """What goes into an archive: all media, classes and annotation types, unless some are named; all objects and
    frames, unless it says less."""

    name: str = Field(min_length=1, max_length=120)
    format: str = Field(min_length=1, max_length=100)
    media: list[Id] | None = Field(default=None, min_length=1, max_length=10_000)
    classes: list[str] | None = Field(default=None, min_length=1, max_length=2000)
    annotation_types: list[str] | None = Field(default=None, min_length=1, max_length=50)
    sources: list[Source] | None = Field(default=None, min_length=1, max_length=20)
    target: S3Target | None = None
    version: Id | None = None


@router.post("/projects/{project}/exports", status_code=201)
async def start_export(
    new: NewExport,
    member: Annotated[Member, project_access("export")],
    dependencies: Injected,
    key: IdempotencyKey = None,
) -> Export:
    """Start writing an archive: for downloading, or into the bucket of somebody else's S3 (`target`), whose keys are
    used once and shown to nobody."""
    if new.media is not None:
        await ensure_in_project(new.media, member.project_id, dependencies)
    return await dependencies.bus.ask(
        StartExport(
            export_id=resource_id(member.caller, f"exports {member.project_id}", key),
            project_id=member.project_id,
            author=member.user.id,
            **new.model_dump(),
        )
    )


@router.get("/projects/{project}/exports")
async def list_exports(
    member: Annotated[Member, project_access("read")], dependencies: Injected, limit: Limit = 100, cursor: Cursor = None
) -> Page[Export]:
    """The exports of a project, newest first."""
    found = await dependencies.bus.ask(ListExports(project_id=member.project_id, page=page_request(limit, cursor)))
    return Page(items=found.items, next_cursor=found.next_cursor)


@router.get("/exports/{export}")
async def read_export(access: Annotated[ResourceAccess, export_access("read")], dependencies: Injected) -> Export:
    """How far an export is, and what its format could not hold."""
    return await dependencies.bus.ask(GetExport(export_id=access.id))


@router.delete("/exports/{export}")
async def cancel_export(access: Annotated[ResourceAccess, export_access("export")], dependencies: Injected) -> Export:
    """Stop an export; nothing of it stays."""
    return await dependencies.bus.ask(CancelExport(export_id=access.id))


@router.get("/exports/{export}/archive", response_class=StreamingResponse)
async def download(
    access: Annotated[ResourceAccess, export_access("read")], request: Request, dependencies: Injected
) -> Response:
    """The archive as a zip; a broken download resumes with Range."""
    export = await dependencies.bus.ask(GetExport(export_id=access.id))
    if export.state == "done" and export.target is not None:
        raise Problem(409, "Not here", f"This archive went to {export.target.endpoint}.")
    if export.state != "done" or export.object_key is None:
        raise Problem(409, "Not ready", export.reason.message if export.reason else f"This export is {export.state}.")
    headers = {"Content-Type": "application/zip", "Content-Disposition": attachment(f"{export.name}.zip")}
    etag = f'"{export.sha256 or export.id}"'
    return await download_object(dependencies.bus.objects, export.object_key, request, etag, headers)
