"""Exports: archives of a project's labels."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from common.contract.errors import Problem
from common.contract.labels import Id, Source
from common.contract.questions import CancelExport, Export, ExportChoices, GetExport, ListExports, S3Target, StartExport
from gateway.dependencies import Injected
from gateway.domain.content_disposition import attachment
from gateway.http.access import ProjectExporter, ProjectReader, ResourceAccess, export_access
from gateway.http.downloads import download_object
from gateway.http.parameters import IdempotencyKey, PageQuery, resource_id
from gateway.http.responses import Page, forward
from gateway.http.validation import RequestModel
from gateway.media.service import ensure_in_project

router = APIRouter(tags=["exports"])


class NewExport(ExportChoices, RequestModel):
    """The contents of an archive: by default all media, classes, annotation types, objects and frames."""

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
    new: NewExport, member: ProjectExporter, dependencies: Injected, key: IdempotencyKey = None
) -> Export:
    """Start an export, to download or into an external S3 bucket (`target`). The keys of the bucket are used once and
    never shown."""
    await ensure_in_project(new.media, member.project_id, dependencies)
    return await dependencies.bus.ask(
        StartExport(
            export_id=resource_id(member.caller, f"exports {member.project_id}", key),
            project_id=member.project_id,
            author=member.user.id,
            **new.model_dump(),
        )
    )


@router.get("/projects/{project}/exports", response_model=Page[Export])
async def list_exports(member: ProjectReader, dependencies: Injected, page: PageQuery) -> Response:
    """List the exports of a project, newest first."""
    return await forward(ListExports(project_id=member.project_id, page=page), dependencies)


@router.get("/exports/{export}")
async def read_export(access: Annotated[ResourceAccess, export_access("read")], dependencies: Injected) -> Export:
    """Get the progress of an export, and what its format cannot represent."""
    return await dependencies.bus.ask(GetExport(export_id=access.id))


@router.delete("/exports/{export}")
async def cancel_export(access: Annotated[ResourceAccess, export_access("export")], dependencies: Injected) -> Export:
    """Cancel an export and delete its archive."""
    return await dependencies.bus.ask(CancelExport(export_id=access.id))


@router.get("/exports/{export}/archive", response_class=StreamingResponse)
async def download_archive(
    access: Annotated[ResourceAccess, export_access("read")], request: Request, dependencies: Injected
) -> Response:
    """Download the archive as a zip. An interrupted download resumes with Range."""
    export = await dependencies.bus.ask(GetExport(export_id=access.id))
    if export.state == "done" and export.target is not None:
        raise Problem("export_in_external_bucket", endpoint=export.target.endpoint)
    if export.state != "done" or export.object_key is None:
        raise Problem("export_not_ready", state=export.state)
    headers = {"Content-Type": "application/zip", "Content-Disposition": attachment(f"{export.name}.zip")}
    etag = f'"{export.sha256 or export.id}"'
    return await download_object(dependencies.bus.objects, export.object_key, request, etag, headers)
