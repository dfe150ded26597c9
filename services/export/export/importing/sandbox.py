"""Uploaded archives, read in a sandbox."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import orjson

from common.contract.missions import Mission
from common.contract.questions import SkippedRow
from common.sandbox.parent import BytesFile, Limits, Message, ObjectFile, run
from common.storage.objects import Objects
from export.dataset.media import ExportMedium
from export.parsing.imported_object import ImportedObject
from export.parsing.reader import DeclaredMission, Parsed

# A parsed JSON document takes about six times its size in memory: this is enough for 300 MB.
LIMITS = Limits(cpu_s=1800, memory_bytes=2 << 30, wall_s=3600, nice=5)
_TARGET = "export.importing.parser_process:read"


@dataclass(frozen=True, slots=True)
class DetectedFormat:
    """The format of an archive, with a confidence from 0 to 1."""

    format: str
    certainty: float


class Archive:
    """An uploaded archive and the media that its labels may go to; it can be read several times."""

    def __init__(
        self, objects: Objects, key: str, size: int, name: str, asked: str | None, media: Sequence[ExportMedium]
    ) -> None:
        self._file = ObjectFile(objects, key, size)
        self._arguments = {"name": name, "format_name": asked}
        fields = ("id", "name", "kind", "frame_count", "sha256", "width", "height", "fps")
        rows = [[getattr(medium, field) for field in fields] for medium in media]
        self._media = BytesFile(orjson.dumps(rows))

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncIterator[DetectedFormat | list[Parsed]]]:
        """The detected format, then the content in batches.

        Raises (while iterating):
            Undecodable: the archive is refused.
        """
        async with run(_TARGET, self._arguments, {"archive": self._file, "media": self._media}, LIMITS) as messages:
            yield _batches(messages)


async def _batches(messages: AsyncIterator[Message]) -> AsyncIterator[DetectedFormat | list[Parsed]]:
    async for message in messages:
        if "format" in message.head:
            yield DetectedFormat(**message.head)
        else:
            yield await asyncio.to_thread(_parsed, message.body)


def _parsed(body: bytearray) -> list[Parsed]:
    return [_found(line[:1], line[1:]) for line in bytes(body).split(b"\n")]


def _found(letter: bytes, content: bytes) -> Parsed:
    match letter:
        case b"o":
            return ImportedObject.model_validate_json(content)
        case b"s":
            return SkippedRow.model_validate_json(content)
    return DeclaredMission(Mission.model_validate_json(content))
