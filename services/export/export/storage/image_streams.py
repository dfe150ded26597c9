"""The images of media as streams: uploaded images, and exact frames of videos."""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol

from common.contract.errors import ErrorKind, Problem
from common.contract.questions import FrameStrip, RenderFrames
from common.messaging.bus import AskClient, ask_with_retry
from common.storage.objects import NoSuchObject, Objects, source_key
from export.dataset.dataset import ImageFile
from export.dataset.media import ExportMedium
from export.storage.prefetch import in_order

_CHUNK = 2 * 1024 * 1024
# Chunks of a file that are fetched while one is read.
_CHUNKS_AHEAD = 3
_FRAMES_A_STRIP = 50
# The weight of what is fetched ahead of the archive: some images, or one strip of frames.
_WEIGHT_AHEAD, _FILE_WEIGHT, _STRIP_WEIGHT = 4, 1, 4


class _Load(Protocol):
    """Images that can be fetched ahead."""

    medium: ExportMedium
    weight: int

    def start(self) -> None:
        """Start fetching."""

    def images(self) -> Iterator[ImageFile]:
        """Wait for the images; none if they are missing."""

    def discard(self) -> None:
        """Release fetched images."""


class ImageStreams:
    """Opens the images of a project's media, for use by one thread beside the event loop; close it afterwards."""

    def __init__(self, project_id: str, bus: AskClient, objects: Objects) -> None:
        self._project_id = project_id
        self._bus = bus
        self._objects = objects
        self._loop = asyncio.get_running_loop()
        self._readers = ThreadPoolExecutor(_WEIGHT_AHEAD, "images")
        self._ahead: deque[_Load] = deque()
        self._current: _Load | None = None

    def of(self, media: Sequence[ExportMedium]) -> Iterator[tuple[ExportMedium, ImageFile]]:
        """The images of the selected frames of media, in order, fetched ahead."""
        return self._read(chain.from_iterable(map(self._loads, media)))

    def originals(self, media: Sequence[ExportMedium]) -> Iterator[tuple[ExportMedium, ImageFile]]:
        """The uploaded files of media, in order."""
        return self._read(map(self._original, media))

    def _read(self, loads: Iterator[_Load]) -> Iterator[tuple[ExportMedium, ImageFile]]:
        self._fetch(loads)
        while self._ahead:
            self._current = load = self._ahead.popleft()
            self._fetch(loads)
            for image in load.images():
                yield load.medium, image
            load.discard()
            self._current = None

    def close(self) -> None:
        """Release images that were fetched and not read."""
        for load in (self._current, *self._ahead):
            if load is not None:
                load.discard()
        self._ahead.clear()
        self._readers.shutdown(cancel_futures=True)

    def _fetch(self, loads: Iterator[_Load]) -> None:
        while sum(load.weight for load in self._ahead) < _WEIGHT_AHEAD:
            load = next(loads, None)
            if load is None:
                return
            load.start()
            self._ahead.append(load)

    def _loads(self, medium: ExportMedium) -> Iterator[_Load]:
        if medium.kind == "image":
            yield self._original(medium)
            return
        for begin in range(0, len(medium.frames), _FRAMES_A_STRIP):
            frames = list(medium.frames[begin : begin + _FRAMES_A_STRIP])
            question = RenderFrames(project_id=self._project_id, media_id=medium.id, frames=frames)
            yield _Strip(medium, question, self._bus, self._objects, self._loop)

    def _original(self, medium: ExportMedium) -> "_Original":
        return _Original(medium, source_key(self._project_id, medium.id), self._objects, self._readers)


@dataclass(slots=True)
class _Original:
    medium: ExportMedium
    key: str
    objects: Objects
    readers: ThreadPoolExecutor
    weight: int = _FILE_WEIGHT
    _beginning: "Future[bytes] | None" = None

    def start(self) -> None:
        self._beginning = self.readers.submit(self.objects.read_range, self.key, 0, min(_CHUNK, self.medium.size_bytes))

    def images(self) -> Iterator[ImageFile]:
        assert self._beginning is not None
        with suppress(NoSuchObject):
            beginning = self._beginning.result()
            yield ImageFile(0, self.medium.size_bytes, self._chunks(beginning))

    def _chunks(self, beginning: bytes) -> Iterator[bytes]:
        size = self.medium.size_bytes
        yield beginning
        offsets = range(len(beginning), size, _CHUNK)
        yield from in_order(self.readers, lambda begin: self._chunk(begin, size), offsets, _CHUNKS_AHEAD)

    def _chunk(self, begin: int, size: int) -> bytes:
        return self.objects.read_range(self.key, begin, min(_CHUNK, size - begin))

    def discard(self) -> None:
        pass


@dataclass(slots=True)
class _Strip:
    medium: ExportMedium
    question: RenderFrames
    bus: AskClient
    objects: Objects
    loop: asyncio.AbstractEventLoop
    weight: int = _STRIP_WEIGHT
    _request: "Future[FrameStrip | None] | None" = None

    def start(self) -> None:
        self._request = asyncio.run_coroutine_threadsafe(self._ask(), self.loop)

    async def _ask(self) -> FrameStrip | None:
        try:
            return await ask_with_retry(self.bus, self.question)
        except Problem as problem:
            if problem.kind in (ErrorKind.INTERNAL, ErrorKind.UNAVAILABLE, ErrorKind.TIMED_OUT):
                raise
            return None

    def images(self) -> Iterator[ImageFile]:
        assert self._request is not None
        strip = self._request.result()
        if strip is None:
            return
        offset = 0
        for frame, size in zip(strip.frames, strip.sizes, strict=True):
            yield ImageFile(frame, size, iter((self.objects.read_range(strip.object_key, offset, size),)))
            offset += size

    def discard(self) -> None:
        """Delete the strip once it is rendered."""
        if self._request is not None:
            self._request.add_done_callback(self._delete)

    def _delete(self, asked: "Future[Any]") -> None:
        if not asked.cancelled() and asked.exception() is None and (strip := asked.result()):
            asyncio.run_coroutine_threadsafe(self.objects.delete(strip.object_key), self.loop)
