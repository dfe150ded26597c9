"""Lines, paths and the class that all ICDAR readers share."""

from collections.abc import Iterator

from export.parsing.archive_reader import ArchiveReader

CLASS = "icdar"
# Subset folders, which are not part of an image's path.
_SUBSETS = frozenset({"default", "train", "val", "trainval", "validation", "test"})


def without_subset(path: str) -> str:
    """An image path without its subset folder."""
    subset, slash, rest = path.partition("/")
    return rest if slash and subset.lower() in _SUBSETS else path


def rows(archive: ArchiveReader, name: str) -> Iterator[tuple[str, str]]:
    """The lines of a file with their locations, including empty ones."""
    for number, line in enumerate(archive.read(name).decode(errors="replace").split("\n"), 1):
        yield f"{name}, line {number}", line.strip()


def first_row(archive: ArchiveReader, name: str) -> str | None:
    """The first non-empty line, if any."""
    lines = (line.strip() for line in archive.head(name).decode(errors="replace").split("\n"))
    return next(filter(None, lines), None)
