"""Imports of label files."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from common.contract.labels import Id
from common.contract.questions import CancelImport, CommitImport, GetImport, Import, ListImports, S3Target, StartImport
from common.storage.objects import import_key
from gateway.dependencies import Injected
from gateway.http.access import ProjectLabeler, ProjectReader, ResourceAccess, import_access
from gateway.http.body_limits import declared_length
from gateway.http.openapi import binary_request_body
from gateway.http.parameters import IdempotencyKey, PageQuery, resource_id
from gateway.http.responses import Page, forward
from gateway.http.validation import RequestModel
from gateway.imports import service
from gateway.media.service import ensure_in_project

router = APIRouter(tags=["imports"])


class NewImport(RequestModel):
    """The options for importing an archive of labels."""

    name: str = Field(
        "archive.zip", min_length=1, max_length=255, description="File name. Some formats match media by it."
    )
    format: str | None = Field(None, min_length=1, max_length=100, description="Detected by default.")
    mission: str | None = Field(
        None, min_length=1, max_length=200, description="Id or name. Defaults to the missions named in the archive."
    )
    media: list[Id] | None = Field(None, max_length=1000, description="Restrict the import to these media.")
    dry_run: bool = Field(False, description="Only report what the import would do.")
    add_classes: bool = Field(True, description="Add missing classes to the missions.")


class ExternalImport(NewImport):
    """Label files in an external S3 bucket and how to import them. The folder of `source` may be a single file."""

    name: str = Field("", max_length=255, description="File name. Defaults to the last part of the folder.")
    source: S3Target


@router.post("/projects/{project}/imports", status_code=201, openapi_extra=binary_request_body())
async def start_import(
    member: ProjectLabeler,
    new: Annotated[NewImport, Query()],
    request: Request,
    dependencies: Injected,
    key: IdempotencyKey = None,
) -> Import:
    """Upload an archive of labels, or a single label file, as the body, and start importing it.

    Without `add_classes`, rows with unknown classes are skipped. A dry run reports the result without changing
    anything.
    """
    import_id = resource_id(member.caller, f"imports {member.project_id}", key)
    if key is not None and (known := await service.find_import(import_id, dependencies)):
        return known
    await ensure_in_project(new.media, member.project_id, dependencies)
    object_key = import_key(member.project_id, import_id)
    await service.store_archive(request.stream(), declared_length(request), object_key, dependencies)
    question = StartImport(
        import_id=import_id,
        project_id=member.project_id,
        object_key=object_key,
        **new.model_dump(),
        rules=member.rules,
        author=member.user.id,
    )
    return await service.start_import(question, dependencies)


@router.post("/projects/{project}/imports/from-s3", status_code=201)
async def start_external_import(
    new: ExternalImport, member: ProjectLabeler, dependencies: Injected, key: IdempotencyKey = None
) -> Import:
    """Start importing label files, or an archive of them, from an external S3 bucket (`source`). The keys of the bucket
    are used once and never shown."""
    import_id = resource_id(member.caller, f"imports {member.project_id}", key)
    await ensure_in_project(new.media, member.project_id, dependencies)
    folder = new.source.folder.strip().strip("/")
    name = new.name or folder.rpartition("/")[2] or new.source.bucket
    return await dependencies.bus.ask(
        StartImport(
            import_id=import_id,
            project_id=member.project_id,
            object_key=import_key(member.project_id, import_id),
            **new.model_dump(exclude={"name"}),
            name=name[-255:],
            rules=member.rules,
            author=member.user.id,
        )
    )


@router.get("/projects/{project}/imports", response_model=Page[Import])
async def list_imports(member: ProjectReader, dependencies: Injected, page: PageQuery) -> Response:
    """List the imports of a project, newest first."""
    return await forward(ListImports(project_id=member.project_id, page=page), dependencies)


@router.get("/imports/{import_id}")
async def read_import(access: Annotated[ResourceAccess, import_access("read")], dependencies: Injected) -> Import:
    """Get the progress of an import, and its skipped rows with reasons."""
    return await dependencies.bus.ask(GetImport(import_id=access.id))


@router.post("/imports/{import_id}/commit")
async def commit_import(access: Annotated[ResourceAccess, import_access("label")], dependencies: Injected) -> Import:
    """Run the import after a dry run, without uploading the archive again. The archive is kept for a limited time."""
    return await dependencies.bus.ask(CommitImport(import_id=access.id))


@router.delete("/imports/{import_id}")
async def cancel_import(access: Annotated[ResourceAccess, import_access("label")], dependencies: Injected) -> Import:
    """Cancel an import. Objects imported so far are kept; one undo removes them."""
    return await dependencies.bus.ask(CancelImport(import_id=access.id))
