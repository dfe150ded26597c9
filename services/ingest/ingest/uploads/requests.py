"""Questions about uploads."""

from typing import Annotated

from faststream.nats import NatsRouter

from common.contract.media import Medium, Upload
from common.contract.questions import AbortUpload, Empty, FinishUpload, GetUpload, PartUrl, PresignPart, StartUpload
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler
from ingest.uploads.repository import UploadRepository
from ingest.uploads.service import UploadService

router = NatsRouter()
Uploads = Annotated[UploadRepository, Dependency("uploads")]
Service = Annotated[UploadService, Dependency("upload_service")]


@router.subscriber(**request_handler(StartUpload))
async def start_upload(question: StartUpload, service: Service, uploads: Uploads) -> Upload:
    """Start an upload."""
    return await uploads.view(await service.start(question))


@router.subscriber(**request_handler(GetUpload))
async def get_upload(question: GetUpload, service: Service, uploads: Uploads) -> Upload:
    """An upload and the parts that are stored."""
    return await uploads.view(await service.get(question.upload_id))


@router.subscriber(**request_handler(PresignPart))
async def presign_part(question: PresignPart, service: Service) -> PartUrl:
    """The URL for the bytes of a part."""
    return await service.presign_part(question)


@router.subscriber(**request_handler(FinishUpload))
async def finish_upload(question: FinishUpload, service: Service) -> Medium:
    """Finish an upload; it becomes a medium."""
    return await service.finish(question.upload_id)


@router.subscriber(**request_handler(AbortUpload))
async def abort_upload(question: AbortUpload, service: Service) -> Empty:
    """Abort an upload."""
    await service.abort(question.upload_id)
    return Empty()
