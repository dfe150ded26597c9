"""Runs in the sandbox: detects the format of an archive and reads it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from common.contract.questions import SkippedRow
from export.formats.registry import READERS
from export.parsing.archive_reader import ArchiveReader, File
from export.parsing.detect_format import detect_format
from export.parsing.imported_object import ImportedObject
from export.parsing.media_index import MediaIndex, TargetMedium
from export.parsing.reader import DeclaredMission, Parsed

_BATCH_BYTES = 256 * 1024


def read(
    archive: File, media: File, name: str, format_name: str | None
) -> Iterator[dict[str, Any] | tuple[dict[str, Any], bytes]]:
    """The detected format with its confidence, then the content as lines of JSON, many in a message.

    Raises:
        Undecodable: the archive is refused as a whole.
    """
    reader = ArchiveReader.open(archive, name)
    chosen, certainty = detect_format(reader, format_name, READERS)
    yield {"format": chosen, "certainty": certainty}
    targets = MediaIndex(TargetMedium(*row) for row in orjson.loads(media.read()))
    yield from _batches(READERS[chosen].read(reader, targets))


@dataclass(slots=True)
class _Batch:
    """Lines of the next message to the parent."""

    lines: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, line: bytes) -> None:
        self.lines.append(line)
        self.size += len(line)

    def message(self) -> tuple[dict[str, Any], bytes]:
        return {"lines": len(self.lines)}, b"\n".join(self.lines)


def _batches(found: Iterable[Parsed]) -> Iterator[tuple[dict[str, Any], bytes]]:
    batch = _Batch()
    for parsed in found:
        batch.add(_line(parsed))
        if batch.size >= _BATCH_BYTES:
            yield batch.message()
            batch = _Batch()
    if batch.lines:
        yield batch.message()


_LETTERS: dict[type[Parsed], bytes] = {ImportedObject: b"o", SkippedRow: b"s", DeclaredMission: b"d"}


def _line(found: Parsed) -> bytes:
    content = found.mission if isinstance(found, DeclaredMission) else found
    return _LETTERS[type(found)] + content.model_dump_json().encode()
