"""What the readers of ICDAR's files of texts share."""

from collections.abc import Iterator

from export.parsing.archive_reader import ArchiveReader

CLASS = "icdar"
# Folders that are no part of a picture's path.
_SUBSETS = frozenset({"default", "train", "val", "trainval", "validation", "test"})


def without_subset(path: str) -> str:
    """A picture's path in its subset."""
    subset, slash, rest = path.partition("/")
    return rest if slash and subset.lower() in _SUBSETS else path


def rows(archive: ArchiveReader, name: str) -> Iterator[tuple[str, str]]:
    """The lines of a file, also empty ones, each after where it is."""
    for number, line in enumerate(archive.read(name).decode(errors="replace").split("\n"), 1):
        yield f"{name}, line {number}", line.strip()


def first_row(archive: ArchiveReader, name: str) -> str | None:
    """The first line that is not empty; None where there is none."""
    lines = (line.strip() for line in archive.head(name).decode(errors="replace").split("\n"))
    return next(filter(None, lines), None)
