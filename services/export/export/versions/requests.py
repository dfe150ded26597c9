"""Questions about dataset versions."""

from typing import Annotated

from faststream.nats import NatsRouter

from common.contract import questions
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler
from export.versions.repository import VersionRepository
from export.versions.service import VersionService

router = NatsRouter()
Versions = Annotated[VersionRepository, Dependency("versions")]
Service = Annotated[VersionService, Dependency("version_service")]


@router.subscriber(**request_handler(questions.PublishVersion))
async def publish_version(question: questions.PublishVersion, service: Service) -> questions.DatasetVersion:
    """Publish a version."""
    return await service.publish(question)


@router.subscriber(**request_handler(questions.ListVersions))
async def list_versions(question: questions.ListVersions, versions: Versions) -> questions.VersionList:
    """The versions of a project, newest first."""
    return await versions.page(question.project_id, question.page, question.media)


@router.subscriber(**request_handler(questions.GetVersion))
async def get_version(question: questions.GetVersion, service: Service) -> questions.DatasetVersion:
    """A version."""
    return await service.get(question.version_id)


@router.subscriber(**request_handler(questions.SetCurrentVersion))
async def set_current_version(question: questions.SetCurrentVersion, service: Service) -> questions.DatasetVersion:
    """Make a version the current version."""
    return await service.make_current(question.version_id)


@router.subscriber(**request_handler(questions.DeleteVersion))
async def delete_version(question: questions.DeleteVersion, service: Service) -> questions.DatasetVersion:
    """Remove a version from the list."""
    return await service.delete(question.version_id)


@router.subscriber(**request_handler(questions.CompareVersions))
async def compare_versions(question: questions.CompareVersions, service: Service) -> questions.VersionDifference:
    """The differences between two versions."""
    return await service.compare(question.version_id, question.since)
