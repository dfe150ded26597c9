"""What this service answers: uploads, and the media they become."""

import asyncio
import time
from typing import Annotated, NoReturn

from faststream.nats import NatsRouter

from common.contract.errors import Problem, Reason
from common.contract.events import HashMedium, MediaDeleted
from common.contract.media import Medium, Upload
from common.contract.questions import (
    AbortUpload,
    DeleteMedium,
    Empty,
    FinishUpload,
    GetMedium,
    GetUpload,
    ListMedia,
    MediaList,
    PartUrl,
    PresignPart,
    StartUpload,
)
from common.messaging.bus import Bus, InjectedBus
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler
from common.storage.mongo import Document
from ingest.domain.content import Content, UnsupportedFile, claimed_kind, sniff
from ingest.domain.media import medium_of
from ingest.domain.names import clean
from ingest.domain.parts import enumeration, part_size, size_of_part
from ingest.media.repository import MediaStore, stored_event
from ingest.metrics import UPLOADS
from ingest.settings import IngestSettings
from ingest.uploads.repository import UploadStore, source_of

router = NatsRouter()
Media = Annotated[MediaStore, Dependency("media")]
Uploads = Annotated[UploadStore, Dependency("uploads")]
Limits = Annotated[IngestSettings, Dependency("limits")]


# ---- uploads ----


@router.subscriber(**request_handler(StartUpload))
async def start_upload(question: StartUpload, uploads: Uploads, limits: Limits) -> Upload:
    """Begin an upload of a file that may be taken."""
    name = clean(question.name)
    check(question, name, limits)
    upload = await uploads.begin(question, name, part_size(question.size_bytes, limits.upload_part_bytes))
    if (upload["asked_name"], upload["size_bytes"]) != (name, question.size_bytes):
        raise Problem.of_field("idempotency_key", "idempotency_key_reused")
    return await uploads.as_told(upload)


def check(question: StartUpload, name: str, limits: IngestSettings) -> None:
    """Refuse what its name, kind or size rule out."""
    try:
        kind = claimed_kind(name)
    except UnsupportedFile as error:
        raise Problem.of_field("name", error.code, **error.params) from error
    if kind != question.kind:
        raise Problem.of_field("kind", "file_is_an_image" if kind == "image" else "file_is_a_video", name=name)
    if question.size_bytes == 0:
        raise Problem.of_field("size_bytes", "file_empty")
    most = limits.upload_max_image_bytes if kind == "image" else limits.upload_max_video_bytes
    if question.size_bytes > most:
        raise Problem.of_field("size_bytes", "file_too_large", limit_bytes=most)


@router.subscriber(**request_handler(GetUpload))
async def get_upload(question: GetUpload, uploads: Uploads) -> Upload:
    """How far an upload is."""
    return await uploads.as_told(await _found(uploads, question.upload_id))


@router.subscriber(**request_handler(PresignPart))
async def open_part(question: PresignPart, uploads: Uploads) -> PartUrl:
    """Where a part's bytes go."""
    upload = await _found(uploads, question.upload_id)
    if upload["state"] != "open":
        _refuse_ended(upload)
    wanted = size_of_part(question.number, upload["size_bytes"], upload["part_size_bytes"])
    if wanted is None:
        raise Problem.of_field("number", "no_such_part", number=question.number)
    if question.size_bytes != wanted:
        sizes = {"expected_bytes": wanted, "actual_bytes": question.size_bytes}
        raise Problem.of_field("size_bytes", "wrong_part_size", number=question.number, **sizes)
    key = source_of(upload)
    url = uploads.objects.part_url(key, await uploads.s3_upload(upload), question.number)
    return PartUrl(url=url, size_bytes=wanted)


@router.subscriber(**request_handler(FinishUpload))
async def finish_upload(
    question: FinishUpload, uploads: Uploads, media: Media, limits: Limits, bus: InjectedBus
) -> Medium:
    """Join the parts and make them a medium, if they are what they are said to be."""
    upload = await _found(uploads, question.upload_id)
    if upload["state"] == "complete":
        record = await media.find(upload["media_id"])
        if record is None:
            raise Problem("medium_not_found")
    elif upload["state"] == "aborted":
        _refuse_ended(upload)
    else:
        content = await _joined(upload, uploads, limits)
        record = await media.record(upload, content.content_type, time.time())
        await uploads.complete(upload)
        UPLOADS.labels("complete").inc()
    await tell_stored(record, media, bus)
    return medium_of(record)


async def _joined(upload: Document, uploads: UploadStore, limits: IngestSettings) -> Content:
    if absent := await uploads.absent(upload):
        raise Problem("parts_missing", count=len(absent), parts=enumeration(absent))
    if not await uploads.join(upload):
        _refuse_ended(await _found(uploads, upload["_id"]))
    return await _look(upload, uploads, limits)


async def _look(upload: Document, uploads: UploadStore, limits: IngestSettings) -> Content:
    """What the bytes are. What is not welcome goes at once."""
    key = source_of(upload)

    def read(offset: int, length: int) -> bytes:
        length = min(length, upload["size_bytes"] - offset)
        return uploads.objects.read_range(key, offset, length) if length > 0 else b""

    try:
        return await asyncio.to_thread(sniff, read, upload["name"], limits.upload_max_pixels)
    except UnsupportedFile as error:
        await uploads.drop(upload, error.reason, joined=True)
        UPLOADS.labels("refused").inc()
        raise Problem.of_reason(error.reason) from error


async def tell_stored(record: Document, media: MediaStore, bus: Bus) -> None:
    """Tell that a medium is stored, and have it hashed; told again after a crash, it is the same event."""
    if not record.get("untold"):
        return
    stored = stored_event(record)
    hashing = HashMedium(
        project_id=stored.project_id,
        media_id=stored.media_id,
        object_key=stored.object_key,
        size_bytes=stored.size_bytes,
        expected_sha256=record["expected_sha256"],
    )
    await bus.publish(stored, hashing)
    await media.told(record["_id"])


@router.subscriber(**request_handler(AbortUpload))
async def abort_upload(question: AbortUpload, uploads: Uploads) -> Empty:
    """Give up an upload."""
    upload = await _found(uploads, question.upload_id)
    if upload["state"] != "aborted" and not await uploads.drop(upload):
        _refuse_ended(upload | {"state": "complete"})
    UPLOADS.labels("aborted").inc()
    return Empty()


async def _found(uploads: UploadStore, upload_id: str) -> Document:
    upload = await uploads.find(upload_id)
    if upload is None:
        raise Problem("upload_not_found")
    return upload


def _refuse_ended(upload: Document) -> NoReturn:
    if upload["reason"]:
        raise Problem.of_reason(Reason.model_validate(upload["reason"]))
    raise Problem("upload_completed" if upload["state"] == "complete" else "upload_aborted")


# ---- media ----


@router.subscriber(**request_handler(GetMedium))
async def get_medium(question: GetMedium, media: Media) -> Medium:
    """One medium."""
    record = await media.find(question.media_id)
    if record is None:
        raise Problem("medium_not_found")
    return medium_of(record)


@router.subscriber(**request_handler(ListMedia))
async def list_media(question: ListMedia, media: Media) -> MediaList:
    """A page of a project's media."""
    try:
        return await media.page(question)
    except ValueError as error:
        raise Problem.of_field("cursor", "invalid_cursor") from error


@router.subscriber(**request_handler(DeleteMedium))
async def delete_medium(question: DeleteMedium, media: Media, bus: InjectedBus) -> Empty:
    """Delete a medium and have everyone let go of it."""
    record = await media.find(question.media_id)
    if record is None:
        raise Problem("medium_not_found")
    deletion = await media.note_deletion(record, delete_source=question.delete_source)
    await carry_out(deletion, media, bus)
    return Empty()


async def carry_out(deletion: Document, media: MediaStore, bus: Bus) -> None:
    """Tell of a noted deletion, then delete what is this service's."""
    await bus.publish(MediaDeleted(project_id=deletion["project_id"], media_id=deletion["_id"]))
    await media.finish_deletion(deletion)
