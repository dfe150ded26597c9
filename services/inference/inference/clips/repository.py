"""Clips and suggestions in S3. Clips are decoded in a sandbox, from which only small images come."""

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
from inference.domain.clip_task import index_of_frames
from inference.domain.crop import Crop
from inference.domain.gap_task import GapTask
from inference.domain.task import Task

# Enough for 1800 frames of the largest videos; a clip in 720p takes 10 to 20 s of processor time.
LIMITS = Limits(cpu_s=1200, memory_bytes=3 << 30, wall_s=1800.0)


@dataclass(frozen=True, slots=True)
class DecodedFrame:
    """One frame of a clip as BGR [height, width, 3]."""

    frame: int
    bgr: npt.NDArray[np.uint8]


class ClipRepository:
    """Clips, and the suggestions of runs."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    async def index(self, rendition: ClipRendition) -> ClipIndex:
        """The index of a clip. Raises NoSuchObject."""
        return ClipIndex.model_validate_json(await self._objects.get(rendition.index_key))

    @asynccontextmanager
    async def frames(
        self, rendition: ClipRendition, index: ClipIndex, size_wh: tuple[int, int]
    ) -> AsyncIterator[AsyncIterator[DecodedFrame]]:
        """Every frame of a clip in order, scaled to `size_wh`; decoded ahead of the reader, a few frames at a time.

        Raises (while iterating):
            Undecodable: the clip cannot be decoded within the limits.
        """
        samples = await self._objects.stat(rendition.samples_key)
        arguments = {"index": index.model_dump(mode="json"), "size_wh": list(size_wh)}
        files = {"samples": ObjectFile(self._objects, rendition.samples_key, samples.size)}
        async with run("inference.clips.decoding:scaled_frames", arguments, files, LIMITS) as messages:
            yield (
                DecodedFrame(message.head["frame"], np.frombuffer(message.body, np.uint8).reshape(*size_wh[::-1], 3))
                async for message in messages
            )

    async def cropped_frames(
        self, renditions: Sequence[ClipRendition], crop: Crop, first: int, last: int
    ) -> AsyncGenerator[DecodedFrame, None]:
        """Frames first…last in order, clip after clip, each cropped by `crop`; only the segments that hold them are
        decoded.

        Raises (while iterating):
            Undecodable: a clip cannot be decoded within the limits.
        """
        for rendition in renditions:
            part, offset = index_of_frames(await self.index(rendition), first, last)
            samples = await self._objects.stat(rendition.samples_key)
            corners = crop.corners_xy[part.first - first : part.last - first + 1]
            arguments = {
                "index": part.model_dump(mode="json"),
                "offset": offset,
                "image_wh": list(crop.image_wh),
                "window_wh": list(crop.window_wh),
                "corners_xy": corners.tolist(),
            }
            files = {"samples": ObjectFile(self._objects, rendition.samples_key, samples.size)}
            async with run("inference.clips.decoding:cropped_frames", arguments, files, LIMITS) as messages:
                async for message in messages:
                    bgr = np.frombuffer(message.body, np.uint8).reshape(*crop.window_wh[::-1], 3)
                    yield DecodedFrame(message.head["frame"], bgr)

    async def suggestions(self, task: Task) -> Suggestions | None:
        """The suggestions of a task, if they are stored."""
        try:
            return Suggestions.model_validate_json(await self._objects.get(self.suggestions_key(task)))
        except NoSuchObject:
            return None

    async def save_suggestions(self, task: Task, suggestions: Suggestions) -> None:
        """Store the suggestions of a task."""
        await self._objects.put(self.suggestions_key(task), suggestions.model_dump_json().encode(), "application/json")

    async def delete_suggestions(self, task: Task) -> None:
        """Delete the suggestions of a task."""
        await self._objects.delete(self.suggestions_key(task))

    @staticmethod
    def suggestions_key(task: Task) -> str:
        """The key of the suggestions of a task."""
        if isinstance(task, GapTask):
            return tracked_key(task.project_id, task.run_id, task.object_id, task.first, task.last)
        return suggestions_key(task.project_id, task.run_id, task.media_id, task.clip)
