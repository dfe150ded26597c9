"""Use cases of uploads: start, send parts, finish, abort."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from common.contract.errors import Problem
from common.contract.media import Medium, Upload
from common.contract.questions import Empty, PartUrl, PresignPart, StartUpload
from common.messaging.outbox import Outbox, Unpublished
from ingest.domain.content import Content, UnsupportedFile, sniff
from ingest.domain.names import sanitized
from ingest.domain.parts import enumeration, part_size
from ingest.domain.upload import UploadLimits, UploadRecord, check_request
from ingest.media.repository import MediaRepository, StoredMedium
from ingest.metrics import UPLOADS
from ingest.settings import IngestSettings
from ingest.uploads.repository import UploadRepository


class UploadService:
    """Uploads, until they become media."""

    def __init__(
        self,
        uploads: UploadRepository,
        media: MediaRepository,
        outbox: Outbox[Unpublished],
        settings: IngestSettings,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._uploads = uploads
        self._media = media
        self._outbox = outbox
        self._settings = settings
        self._limits = UploadLimits(settings.upload_max_video_bytes, settings.upload_max_image_bytes)
        self._clock = clock

    async def get(self, upload_id: str) -> Upload:
        """An upload and its stored parts. Raises Problem."""
        return await self._uploads.view(await self._record(upload_id))

    async def start(self, question: StartUpload) -> Upload:
        """Start an upload; the same idempotency key returns the same one. Raises Problem."""
        name = sanitized(question.name)
        check_request(question, name, self._limits)
        length = part_size(question.size_bytes, self._settings.upload_part_bytes)
        upload = await self._uploads.start(question, name, length)
        if (upload.requested_name, upload.size_bytes) != (name, question.size_bytes):
            raise Problem.of_field("idempotency_key", "idempotency_key_reused")
        return await self._uploads.view(upload)

    async def presign_part(self, question: PresignPart) -> PartUrl:
        """The URL for the bytes of a part. Raises Problem."""
        upload = await self._record(question.upload_id)
        if upload.state != "open":
            raise upload.ended()
        upload.expect_part(question.number, question.size_bytes)
        url = await self._uploads.part_url(upload, question.number)
        return PartUrl(url=url, size_bytes=question.size_bytes)

    async def finish(self, upload_id: str) -> Medium:
        """Join the parts to a medium, if the content is what the name says. Raises Problem."""
        upload = await self._record(upload_id)
        stored = await self._completed(upload) if upload.state == "complete" else await self._complete(upload)
        if stored.unpublished is not None:
            await self._outbox.publish(stored.unpublished)
        return stored.medium

    async def abort(self, upload_id: str) -> Empty:
        """Abort an upload. Raises Problem if it has become a medium."""
        upload = await self._record(upload_id)
        if upload.state != "aborted" and not await self._uploads.abort(upload):
            raise Problem("upload_completed")
        UPLOADS.labels("aborted").inc()
        return Empty()

    async def clean_up(self) -> None:
        """Delete leftovers of aborted uploads, and abort stale ones."""
        for upload in await self._uploads.with_leftovers():
            await self._uploads.delete_leftovers(upload)
        before = datetime.fromtimestamp(self._clock(), UTC) - self._settings.upload_kept
        for upload in await self._uploads.stale(before):
            await self._uploads.abort(upload, joined=upload.state == "joining")
            UPLOADS.labels("abandoned").inc()

    async def _record(self, upload_id: str) -> UploadRecord:
        found = await self._uploads.find(upload_id)
        if found is None:
            raise Problem("upload_not_found")
        return found

    async def _completed(self, upload: UploadRecord) -> StoredMedium:
        found = await self._media.find(upload.media_id)
        if found is None:
            raise Problem("medium_not_found")
        return found

    async def _complete(self, upload: UploadRecord) -> StoredMedium:
        if upload.state == "aborted":
            raise upload.ended()
        if missing := await self._uploads.missing_parts(upload):
            raise Problem("parts_missing", count=len(missing), parts=enumeration(missing))
        if not await self._uploads.join(upload):
            raise (await self._record(upload.id)).ended()
        content = await self._inspect(upload)
        stored = await self._media.add(upload, content.content_type, self._clock())
        await self._uploads.complete(upload)
        UPLOADS.labels("complete").inc()
        return stored

    async def _inspect(self, upload: UploadRecord) -> Content:
        """The detected content. An unsupported file is deleted at once."""
        read = partial(self._uploads.read_range, upload)
        name = upload.name or upload.requested_name
        try:
            return await asyncio.to_thread(sniff, read, name, self._settings.upload_max_pixels)
        except UnsupportedFile as error:
            await self._uploads.abort(upload, error.reason, joined=True)
            UPLOADS.labels("refused").inc()
            raise Problem.of_reason(error.reason) from error
