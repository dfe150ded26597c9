"""Dataset versions: immutable records of a project's files and labels."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from common.contract import questions
from common.contract.labels import Id
from gateway.dependencies import Injected
from gateway.http.access import ProjectExporter, ProjectReader, ResourceAccess, version_access
from gateway.http.parameters import IdempotencyKey, PageQuery, resource_id
from gateway.http.responses import Page, forward
from gateway.http.validation import RequestModel
from gateway.media.service import ensure_in_project

router = APIRouter(tags=["versions"])


class NewVersion(RequestModel):
    """The media of a version, by default all, optionally split into subsets."""

    media: list[Id] | None = Field(default=None, min_length=1, max_length=10_000)
    split: questions.SubsetSplit | None = None


@router.post("/projects/{project}/versions", status_code=201)
async def publish_version(
    new: NewVersion, member: ProjectExporter, dependencies: Injected, key: IdempotencyKey = None
) -> questions.DatasetVersion:
    """Publish the current files and labels as the next version, which becomes the current one."""
    await ensure_in_project(new.media, member.project_id, dependencies)
    return await dependencies.bus.ask(
        questions.PublishVersion(
            version_id=resource_id(member.caller, f"versions {member.project_id}", key),
            project_id=member.project_id,
            media=new.media,
            split=new.split,
            author=member.user.id,
        )
    )


@router.get("/projects/{project}/versions", response_model=Page[questions.DatasetVersion])
async def list_versions(
    member: ProjectReader,
    dependencies: Injected,
    page: PageQuery,
    media: Annotated[list[Id] | None, Query(max_length=1000, description="Only with one of these media.")] = None,
) -> Response:
    """List the versions of a project, newest first."""
    return await forward(questions.ListVersions(project_id=member.project_id, media=media, page=page), dependencies)


@router.get("/versions/{version}")
async def read_version(
    access: Annotated[ResourceAccess, version_access("read")], dependencies: Injected
) -> questions.DatasetVersion:
    """Get a version with its number of exports."""
    return await dependencies.bus.ask(questions.GetVersion(version_id=access.id))


@router.post("/versions/{version}/current")
async def set_current_version(
    access: Annotated[ResourceAccess, version_access("export")], dependencies: Injected
) -> questions.DatasetVersion:
    """Make a version the current one of its project."""
    return await dependencies.bus.ask(questions.SetCurrentVersion(version_id=access.id))


@router.get("/versions/{version}/difference")
async def compare_versions(
    access: Annotated[ResourceAccess, version_access("read")], since: Id, dependencies: Injected
) -> questions.VersionDifference:
    """Get the additions, removals and changes since another version of the same project."""
    return await dependencies.bus.ask(questions.CompareVersions(version_id=access.id, since=since))


@router.delete("/versions/{version}")
async def delete_version(
    access: Annotated[ResourceAccess, version_access("export")], dependencies: Injected
) -> questions.DatasetVersion:
    """Remove a version from the list; files, labels and exports are kept. The response is the removed version."""
    return await dependencies.bus.ask(questions.DeleteVersion(version_id=access.id))
