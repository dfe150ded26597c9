"""Questions about dataset versions."""

from typing import Annotated

from faststream.nats import NatsRouter

from common.contract.questions import (
    CompareVersions,
    DatasetVersion,
    DeleteVersion,
    GetVersion,
    ListVersions,
    PublishVersion,
    SetCurrentVersion,
    VersionDifference,
    VersionList,
)
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler
from export.versions.repository import VersionRepository
from export.versions.service import VersionService

router = NatsRouter()
Versions = Annotated[VersionRepository, Dependency("versions")]
Service = Annotated[VersionService, Dependency("version_service")]


@router.subscriber(**request_handler(PublishVersion))
async def publish_version(question: PublishVersion, service: Service) -> DatasetVersion:
    """Publish a version."""
    return await service.publish(question)


@router.subscriber(**request_handler(ListVersions))
async def list_versions(question: ListVersions, versions: Versions) -> VersionList:
    """The versions of a project, newest first."""
    return await versions.page(question.project_id, question.page, question.media)


@router.subscriber(**request_handler(GetVersion))
async def get_version(question: GetVersion, service: Service) -> DatasetVersion:
    """A version."""
    return await service.get(question.version_id)


@router.subscriber(**request_handler(SetCurrentVersion))
async def set_current_version(question: SetCurrentVersion, service: Service) -> DatasetVersion:
    """Make a version the current one."""
    return await service.make_current(question.version_id)


@router.subscriber(**request_handler(DeleteVersion))
async def delete_version(question: DeleteVersion, service: Service) -> DatasetVersion:
    """Remove a version from the list."""
    return await service.delete(question.version_id)


@router.subscriber(**request_handler(CompareVersions))
async def compare_versions(question: CompareVersions, service: Service) -> VersionDifference:
    """The differences between two versions."""
    return await service.compare(question.version_id, question.since)
