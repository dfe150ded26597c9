"""Archives that the tests of the way in make, good and bad."""

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
    """Media as the way in knows them; `suffix` gives them other ids, as another project has."""
    return MediaIndex(
        TargetMedium(
            one.id + suffix,
            one.name,
            one.kind,
            one.frame_count or 1,
            one.sha256,
            one.width or 0,
            one.height or 0,
            one.fps or 0.0,
        )
        for one in media
    )


def written(format_name: str, made: Dataset) -> ArchiveReader:
    """What a format writes of a dataset, as an archive."""
    return opened(b"".join(zipped(FORMATS[format_name].entries(made))))


def read(format_name: str, bundle: ArchiveReader, media: MediaIndex) -> list[Parsed]:
    """All that a format reads."""
    return list(READERS[format_name].read(bundle, media))


def reasons(found: Iterable[Parsed]) -> list[tuple[str, str, int]]:
    """The location, the reason's code and the number of entries of each skipped row."""
    return [(one.where, one.reason.code, one.count) for one in found if isinstance(one, SkippedRow)]


def objects(found: Iterable[Parsed]) -> list[ImportedObject]:
    """Only the objects."""
    return [one for one in found if isinstance(one, ImportedObject)]
