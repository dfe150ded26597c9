"""Snapshots: consistent pictures of labels, for ML platforms."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, FiniteFloat

from common.contract.labels import Id
from common.contract.questions import TakeSnapshot
from common.service.ids import new_id
from common.storage.objects import snapshot_key
from gateway.dependencies import Injected
from gateway.domain.content_disposition import attachment
from gateway.domain.people import Member
from gateway.http.access import IdempotencyKey, ResourceAccess, project_access, resource_id, snapshot_access
from gateway.http.downloads import download_object
from gateway.http.responses import Cursor, Limit, Page
from gateway.media.routes import ensure_in_project
from gateway.snapshots.repository import Snapshot

router = APIRouter(tags=["labels"])


class NewSnapshot(BaseModel):
    """Which media's labels (of all, if none are named), as they are now or were at the moment `at`."""

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
    new: NewSnapshot,
    member: Annotated[Member, project_access("export")],
    dependencies: Injected,
    key: IdempotencyKey = None,
) -> SnapshotJson:
    """Take a picture of the project's labels that stays as it is, whatever is edited afterwards."""
    if new.media is not None:
        await ensure_in_project(new.media, member.project_id, dependencies)
    snapshot_id = resource_id(member.caller, f"snapshots {member.project_id}", key)
    known = await dependencies.snapshots.find(snapshot_id)
    if known is not None:
        return _json(known)
    taken = await dependencies.bus.ask(
        TakeSnapshot(snapshot_id=snapshot_id, project_id=member.project_id, media=new.media, at=new.at)
    )
    stored = await dependencies.bus.objects.stat(taken.object_key)
    noted = Snapshot(
        id=snapshot_id,
        project_id=member.project_id,
        objects=taken.objects,
        media_count=len(taken.media),
        size_bytes=stored.size,
        author=member.user.id,
        created_at=dependencies.clock(),
        place=new_id(),
    )
    return _json(await dependencies.snapshots.add(noted))


@router.get("/projects/{project}/snapshots")
async def list_snapshots(
    member: Annotated[Member, project_access("read")], dependencies: Injected, limit: Limit = 100, cursor: Cursor = None
) -> Page[SnapshotJson]:
    """The snapshots of a project, newest first."""
    found = await dependencies.snapshots.page(member.project_id, limit, cursor)
    more = found[-1].place if len(found) == limit else None
    return Page(items=[_json(snapshot) for snapshot in found], next_cursor=more)


@router.get("/snapshots/{snapshot}")
async def read_snapshot(
    access: Annotated[ResourceAccess, snapshot_access("read")], dependencies: Injected
) -> SnapshotJson:
    """One snapshot."""
    found = await dependencies.snapshots.find(access.id)
    assert found is not None, "its project was just found by it"
    return _json(found)


@router.get("/snapshots/{snapshot}/lines", response_class=StreamingResponse)
async def read_lines(
    access: Annotated[ResourceAccess, snapshot_access("read")], request: Request, dependencies: Injected
) -> Response:
    """The objects, one `ObjectState` as JSON a line, ordered by medium, packed with gzip; a broken download resumes
    with Range."""
    headers = {"Content-Type": "application/gzip", "Content-Disposition": attachment(f"{access.id}.ndjson.gz")}
    key = snapshot_key(access.project_id, access.id)
    return await download_object(dependencies.bus.objects, key, request, f'"{access.id}"', headers)


@router.delete("/snapshots/{snapshot}", status_code=204)
async def delete_snapshot(
    access: Annotated[ResourceAccess, snapshot_access("export")], dependencies: Injected
) -> Response:
    """Delete a snapshot and its lines."""
    await dependencies.bus.objects.delete(snapshot_key(access.project_id, access.id))
    await dependencies.snapshots.remove(access.id)
    return Response(status_code=204)


def _json(snapshot: Snapshot) -> SnapshotJson:
    return SnapshotJson(
        id=snapshot.id,
        objects=snapshot.objects,
        media=snapshot.media_count,
        size_bytes=snapshot.size_bytes,
        created_at=snapshot.created_at,
    )
