"""Use cases of stored media: hash, record what other services found, delete."""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from common.contract.errors import Problem, reason_for
from common.contract.events import HashMedium, MediaDeleted, MediaHashed
from common.contract.media import Medium
from common.contract.questions import DeleteMedium, Empty, ListMedia, MediaList
from common.messaging.outbox import Publisher
from common.storage.objects import NoSuchObject, Objects
from ingest.media.repository import Deletion, MediaRepository
from ingest.metrics import HASHED_BYTES

BLOCK = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class MediaService:
    """Media, from the end of their upload to their deletion."""

    media: MediaRepository
    objects: Objects
    bus: Publisher

    async def get(self, media_id: str) -> Medium:
        """A medium. Raises Problem."""
        found = await self.media.find(media_id)
        if found is None:
            raise Problem("medium_not_found")
        return found.medium

    async def hash(self, job: HashMedium) -> None:
        """Read a medium once, whatever its size, and store its SHA-256."""
        if await self.media.find(job.media_id) is None:
            return
        try:
            found = await asyncio.to_thread(self._sha256, job)
        except NoSuchObject:
            if await self.media.find(job.media_id) is None:
                return
            raise
        HASHED_BYTES.inc(job.size_bytes)
        is_damaged = job.expected_sha256 not in (None, found)
        await self.media.set_hash(job.media_id, found, reason_for("checksum_mismatch") if is_damaged else None)
        await self.bus.publish(MediaHashed(project_id=job.project_id, media_id=job.media_id, sha256=found))

    async def page(self, question: ListMedia) -> MediaList:
        """A page of a project's media. Raises Problem."""
        return await self.media.page(question)

    async def delete(self, question: DeleteMedium) -> Empty:
        """Delete a medium, and have other services delete their derived data. Raises Problem."""
        medium = await self.get(question.media_id)
        await self._complete(await self.media.begin_deletion(medium, delete_source=question.delete_source))
        return Empty()

    async def complete_deletions(self) -> None:
        """Complete the deletions of killed processes."""
        for deletion in await self.media.deletions():
            await self._complete(deletion)

    async def _complete(self, deletion: Deletion) -> None:
        await self.bus.publish(MediaDeleted(project_id=deletion.project_id, media_id=deletion.media_id))
        await self.media.complete_deletion(deletion)

    def _sha256(self, job: HashMedium) -> str:
        return sha256_of(lambda offset, length: self.objects.read_range(job.object_key, offset, length), job)


def sha256_of(read_range: Callable[[int, int], bytes], job: HashMedium) -> str:
    """The SHA-256 of an object, read block by block."""
    digest = hashlib.sha256()
    for offset in range(0, job.size_bytes, BLOCK):
        length = min(BLOCK, job.size_bytes - offset)
        block = read_range(offset, length)
        if len(block) != length:
            raise OSError(f"{job.object_key} is shorter than {job.size_bytes} bytes")
        digest.update(block)
    return digest.hexdigest()
