"""Clips and suggestions in S3. A clip's samples are decoded in a sandbox; only small pictures come out of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from common.clips import ClipIndex
from common.labels import Suggestions
from common.objects import NoSuchObject, Objects, suggestions_key
from common.questions import ClipRendition
from common.sandbox import Limits, ObjectFile, run
from inference.domain.clip import ClipOfRun

# Room for 1800 frames of the largest pictures there are; 720p takes 10 to 20 s of processor time a clip.
LIMITS = Limits(cpu_s=1200, memory_bytes=3 << 30, wall_s=1800.0)


@dataclass(frozen=True, slots=True)
class Picture:
    """One frame of a clip as BGR [height, width, 3]."""

    frame: int
    bgr: npt.NDArray[np.uint8]


class FootageStore:
    """What inference reads and writes in S3."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    async def index(self, rendition: ClipRendition) -> ClipIndex:
        """The index of a clip. Raises NoSuchObject."""
        return ClipIndex.model_validate_json(await self._objects.get(rendition.index_key))

    @asynccontextmanager
    async def pictures(
        self, rendition: ClipRendition, index: ClipIndex, size_wh: tuple[int, int]
    ) -> AsyncIterator[AsyncIterator[Picture]]:
        """Every frame of a clip in order, scaled to `size_wh`; decoded ahead of the reader, a few frames at a time.

        Raises (while iterating):
            Undecodable: the clip cannot be decoded within the limits.
        """
        samples = await self._objects.stat(rendition.samples_key)
        arguments = {"index": index.model_dump(mode="json"), "size_wh": list(size_wh)}
        files = {"samples": ObjectFile(self._objects, rendition.samples_key, samples.size)}
        async with run("inference.video:pictures", arguments, files, LIMITS) as messages:
            yield (
                Picture(message.head["frame"], np.frombuffer(message.body, np.uint8).reshape(*size_wh[::-1], 3))
                async for message in messages
            )

    async def suggestions(self, clip: ClipOfRun) -> Suggestions | None:
        """What the run has already proposed for the clip."""
        try:
            return Suggestions.model_validate_json(await self._objects.get(self.key(clip)))
        except NoSuchObject:
            return None

    async def save(self, clip: ClipOfRun, suggestions: Suggestions) -> None:
        """Store what the run proposes for the clip."""
        await self._objects.put(self.key(clip), suggestions.model_dump_json().encode(), "application/json")

    async def forget(self, clip: ClipOfRun) -> None:
        """Delete what a run proposed for the clip."""
        await self._objects.delete(self.key(clip))

    @staticmethod
    def key(clip: ClipOfRun) -> str:
        """Where the suggestions for the clip lie."""
        return suggestions_key(clip.project_id, clip.run_id, clip.media_id, clip.clip)
