"""Snapshots: consistent states of labels, for ML platforms."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, FiniteFloat

from common.contract.labels import Id
from common.storage.objects import snapshot_key
from gateway.dependencies import Injected
from gateway.domain.content_disposition import attachment
from gateway.http.access import ProjectExporter, ProjectReader, ResourceAccess, snapshot_access
from gateway.http.downloads import download_object
from gateway.http.parameters import IdempotencyKey, PageQuery, resource_id
from gateway.http.responses import Page
from gateway.http.validation import RequestModel
from gateway.media.service import ensure_in_project
from gateway.snapshots import service
from gateway.snapshots.repository import Snapshot

router = APIRouter(tags=["labels"])


class NewSnapshot(RequestModel):
    """The media of a snapshot, by default all, now or as of `at` in Unix seconds."""

    media: Annotated[list[Id], Field(min_length=1, max_length=10_000)] | None = None
    at: FiniteFloat | None = Field(default=None, ge=0)


class SnapshotJson(BaseModel):
    """A snapshot; its lines are at `/snapshots/{id}/lines`."""

    id: str
    objects: int
    media: int
    size_bytes: int
    created_at: datetime


@router.post("/projects/{project}/snapshots", status_code=201)
async def take_snapshot(
    new: NewSnapshot, member: ProjectExporter, dependencies: Injected, key: IdempotencyKey = None
) -> SnapshotJson:
    """Take a snapshot of the project's labels. Later edits do not change it."""
    await ensure_in_project(new.media, member.project_id, dependencies)
    snapshot_id = resource_id(member.caller, f"snapshots {member.project_id}", key)
    return _json(await service.take_snapshot(snapshot_id, member, new.media, new.at, dependencies))


@router.get("/projects/{project}/snapshots")
async def list_snapshots(member: ProjectReader, dependencies: Injected, page: PageQuery) -> Page[SnapshotJson]:
    """List the snapshots of a project, newest first."""
    snapshots = await dependencies.snapshots.page(member.project_id, page)
    return Page(items=[_json(snapshot) for snapshot in snapshots.items], next_cursor=snapshots.next_cursor)


@router.get("/snapshots/{snapshot}")
async def read_snapshot(
    access: Annotated[ResourceAccess, snapshot_access("read")], dependencies: Injected
) -> SnapshotJson:
    """Get a snapshot."""
    return _json(await service.find_snapshot(access.id, dependencies))


@router.get("/snapshots/{snapshot}/lines", response_class=StreamingResponse)
async def read_lines(
    access: Annotated[ResourceAccess, snapshot_access("read")], request: Request, dependencies: Injected
) -> Response:
    """Download the objects as gzipped NDJSON: one `ObjectState` a line, ordered by medium. An interrupted download
    resumes with Range."""
    headers = {"Content-Type": "application/gzip", "Content-Disposition": attachment(f"{access.id}.ndjson.gz")}
    key = snapshot_key(access.project_id, access.id)
    return await download_object(dependencies.bus.objects, key, request, f'"{access.id}"', headers)


@router.delete("/snapshots/{snapshot}", status_code=204)
async def delete_snapshot(
    access: Annotated[ResourceAccess, snapshot_access("export")], dependencies: Injected
) -> Response:
    """Delete a snapshot."""
    await service.delete_snapshot(access.id, access.project_id, dependencies)
    return Response(status_code=204)


def _json(snapshot: Snapshot) -> SnapshotJson:
    return SnapshotJson(
        id=snapshot.id,
        objects=snapshot.objects,
        media=snapshot.media_count,
        size_bytes=snapshot.size_bytes,
        created_at=snapshot.created_at,
    )
