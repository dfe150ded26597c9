"""Archives for tests of readers."""

import io
import zipfile
from collections.abc import Iterable

from common.contract.media import Medium
from common.contract.questions import SkippedRow
from export.codecs.zip import zipped
from export.dataset.dataset import Dataset
from export.formats.registry import FORMATS, READERS
from export.parsing.archive_reader import ArchiveReader
from export.parsing.imported_object import ImportedObject
from export.parsing.media_index import MediaIndex, TargetMedium
from export.parsing.reader import Parsed


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def opened(content: bytes, name: str = "labels.zip") -> ArchiveReader:
    """An archive as a reader gets it."""
    return ArchiveReader.open(io.BytesIO(content), name)


def targets(media: Iterable[Medium], suffix: str = "") -> MediaIndex:
    """Media as readers get them; `suffix` changes their ids, as in another project."""
    return MediaIndex(
        TargetMedium(
            each.id + suffix,
            each.name,
            each.kind,
            each.frame_count or 1,
            each.sha256,
            each.width or 0,
            each.height or 0,
            each.fps or 0.0,
        )
        for each in media
    )


def written(format_name: str, made: Dataset) -> ArchiveReader:
    """The archive of a dataset in a format."""
    return opened(b"".join(zipped(FORMATS[format_name].entries(made))))


def read(format_name: str, opened_archive: ArchiveReader, media: MediaIndex) -> list[Parsed]:
    """The parsed items of an archive in a format."""
    return list(READERS[format_name].read(opened_archive, media))


def reasons(found: Iterable[Parsed]) -> list[tuple[str, str, int]]:
    """The location, the reason's code and the number of entries of each skipped row."""
    return [(row.where, row.reason.code, row.count) for row in found if isinstance(row, SkippedRow)]


def objects(found: Iterable[Parsed]) -> list[ImportedObject]:
    """Only the objects."""
    return [item for item in found if isinstance(item, ImportedObject)]
