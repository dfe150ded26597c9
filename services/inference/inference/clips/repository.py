"""Clips and suggestions in S3. A clip's samples are decoded in a sandbox; only small pictures come out of it."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from common.contract.clips import ClipIndex
from common.contract.labels import Suggestions
from common.contract.questions import ClipRendition
from common.sandbox.parent import Limits, ObjectFile, run
from common.storage.objects import NoSuchObject, Objects, suggestions_key, tracked_key
from inference.domain.clip_task import cut
from inference.domain.crop import View
from inference.domain.gap_task import GapOfRun
from inference.runs.documents import Part

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
        async with run("inference.clips.decoding:pictures", arguments, files, LIMITS) as messages:
            yield (
                Picture(message.head["frame"], np.frombuffer(message.body, np.uint8).reshape(*size_wh[::-1], 3))
                async for message in messages
            )

    async def windows(
        self, renditions: Sequence[ClipRendition], view: View, first: int, last: int
    ) -> AsyncGenerator[Picture, None]:
        """The window that `view` keeps of each of frames first…last, in order, clip after clip; only the segments that
        show them are decoded.

        Raises (while iterating):
            Undecodable: a clip cannot be decoded within the limits.
        """
        for rendition in renditions:
            stretch, offset = cut(await self.index(rendition), first, last)
            samples = await self._objects.stat(rendition.samples_key)
            corners = view.corners_xy[stretch.first - first : stretch.last - first + 1]
            arguments = {
                "index": stretch.model_dump(mode="json"),
                "offset": offset,
                "picture_wh": list(view.picture_wh),
                "window_wh": list(view.window_wh),
                "corners_xy": corners.tolist(),
            }
            files = {"samples": ObjectFile(self._objects, rendition.samples_key, samples.size)}
            async with run("inference.clips.decoding:windows", arguments, files, LIMITS) as messages:
                async for message in messages:
                    bgr = np.frombuffer(message.body, np.uint8).reshape(*view.window_wh[::-1], 3)
                    yield Picture(message.head["frame"], bgr)

    async def suggestions(self, part: Part) -> Suggestions | None:
        """What the run has already proposed for a part of it."""
        try:
            return Suggestions.model_validate_json(await self._objects.get(self.key(part)))
        except NoSuchObject:
            return None

    async def save(self, part: Part, suggestions: Suggestions) -> None:
        """Store what the run proposes for a part of it."""
        await self._objects.put(self.key(part), suggestions.model_dump_json().encode(), "application/json")

    async def forget(self, part: Part) -> None:
        """Delete what a run proposed for a part of it."""
        await self._objects.delete(self.key(part))

    @staticmethod
    def key(part: Part) -> str:
        """Where the suggestions for a part of a run lie."""
        if isinstance(part, GapOfRun):
            return tracked_key(part.project_id, part.run_id, part.object_id, part.first, part.last)
        return suggestions_key(part.project_id, part.run_id, part.media_id, part.clip)
