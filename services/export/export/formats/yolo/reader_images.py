"""The images of a YOLO data set and their label files.

Labels are beside the image, or in a folder `labels` instead of `images`, above or below the subset folder. Images are
known from subset lists, as files, or from their label files.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from export.formats.yolo.reader_config import DatasetConfig
from export.parsing.archive_reader import ArchiveReader
from export.parsing.media_index import MatchedFrame, clean
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame

SUFFIXES = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif")
SUBSETS = {"train", "val", "valid", "validation", "test", "trainval", "default"}
_FOLDERS = re.compile(r"images|labels|obj_[^/]*_data")
_LABELS = re.compile(r"(^|/)(labels|obj_[^/]*_data)/")
_RENAMED = re.compile(r"(?<![^/])images_(?![^/])")
_IMAGES = re.compile(r"(?<![^/])images(?=[/.])")
_SUSPECT = re.compile(r"(^|/)(classes|notes|readme[^/]*|requirements|license)\.txt$", re.IGNORECASE)
_ROW = re.compile(r"\d+(\.0*)?([ \t]+[0-9.eE+-]+){4,}[ \t\r]*")


class Labeled(NamedTuple):
    """An image: its path, its frame, and its label file if it has one."""

    path: str
    matched: MatchedFrame | UnmatchedFrame
    labels: str | None


def label_files(archive: ArchiveReader, lists: Sequence[str] = ()) -> list[str]:
    """The label files; those in label folders, if there are any."""
    excluded = set(lists)
    files = [name for name in archive.names_ending(".txt") if name not in excluded]
    files = [name for name in files if not _SUSPECT.search(name) or _begins_with_row(archive.head(name))]
    in_folders = [name for name in files if _LABELS.search(name)]
    return in_folders or files


def list_files(archive: ArchiveReader, config: DatasetConfig) -> list[str]:
    """The files that list the images of a subset."""
    named = {clean(entry).rpartition("/")[2] for listed in config.subsets.values() for entry in listed}
    named |= {f"{subset}.txt" for subset in SUBSETS}
    files = (name for name in archive.names_ending(".txt") if name.rpartition("/")[2] in named)
    return [name for name in files if _begins_with_path(archive.head(name))]


def _begins_with_row(beginning: bytes) -> bool:
    return _ROW.fullmatch(_first_line(beginning)) is not None


def _begins_with_path(beginning: bytes) -> bool:
    return _first_line(beginning).lower().endswith(SUFFIXES)


def _first_line(beginning: bytes) -> str:
    return beginning.decode(errors="replace").lstrip().partition("\n")[0].strip()


class Images:
    """The images of an archive."""

    def __init__(self, archive: ArchiveReader, config: DatasetConfig) -> None:
        self._root = config.root
        self._subsets = SUBSETS | set(config.subsets)
        lists = list_files(archive, config)
        self._labels = {self._key(name): name for name in label_files(archive, lists)}
        self._paths = {self._key(name): name for name in archive.names_ending(*SUFFIXES)}
        for name in lists:
            for line in archive.read(name).decode(errors="replace").split("\n"):
                if path := clean(line.strip("\r \t")):
                    self._list(path)
        for key, name in self._labels.items():
            self._paths.setdefault(key, name)

    def matched(self, collector: ObjectCollector) -> list[Labeled]:
        """The images by medium and frame, then those without a match."""
        images = [
            Labeled(path, self._match(collector, path), self._labels.get(key)) for key, path in self._paths.items()
        ]
        order: dict[str, int] = {}
        for image in images:
            if isinstance(image.matched, MatchedFrame):
                order.setdefault(image.matched.medium.id, len(order))
        return sorted(images, key=lambda image: _rank(image.matched, order))

    def _key(self, path: str) -> str:
        """The common key of an image and its label file."""
        parts = _stem(path.removeprefix(self._root)).split("/")
        at = _layout(parts)
        return "/".join(
            ["images" if position == at and part == "labels" else part for position, part in enumerate(parts)]
        )

    def _list(self, path: str) -> None:
        """Add a listed image; its leading folders may be those of another machine."""
        parts = self._key(path).split("/")
        for start in range(len(parts)):
            tail = "/".join(parts[start:])
            if tail in self._labels or tail in self._paths:
                self._paths.setdefault(tail, "/".join(path.split("/")[-len(parts) + start :]))
                return
        self._paths["/".join(parts)] = path

    def _match(self, collector: ObjectCollector, path: str) -> MatchedFrame | UnmatchedFrame:
        """The frame of an image: by its path below the format's folders, or by its whole path."""
        image = path if path.lower().endswith(SUFFIXES) else _stem(path)
        below = self._below(image)
        matches = [collector.match(candidate, None, path) for candidate in dict.fromkeys((below, image))]
        matched = next((matched for matched in matches if isinstance(matched, MatchedFrame)), matches[0])
        return self._unrenamed(collector, below, path, matched) if _RENAMED.search(below) else matched

    def _unrenamed(
        self, collector: ObjectCollector, below: str, path: str, original: MatchedFrame | UnmatchedFrame
    ) -> MatchedFrame | UnmatchedFrame:
        """The original path: writers rename folders from `images` to `images_`."""
        if isinstance(original, MatchedFrame) and _RENAMED.search(_stem(original.medium.name)):
            return original
        matched = collector.match(_RENAMED.sub("images", below), None, path)
        return matched if isinstance(matched, MatchedFrame) and _IMAGES.search(matched.medium.name) else original

    def _below(self, path: str) -> str:
        """The path below the format's folders."""
        parts = path.split("/")
        at = _layout(parts)
        if at is None:
            return path
        is_inner = at > 0 and parts[at - 1] in self._subsets
        has_subset = not parts[at].startswith("obj_") and at < len(parts) - 2 and parts[at + 1] in self._subsets
        return "/".join(parts[at + 1 + (has_subset and not is_inner) :])


def _layout(parts: Sequence[str]) -> int | None:
    """The index of the images or labels folder."""
    return next((at for at, part in enumerate(parts[:-1]) if _FOLDERS.fullmatch(part)), None)


def _stem(path: str) -> str:
    """The path without an image or text suffix."""
    dot = path.rfind(".")
    return path[:dot] if path[dot:].lower() in (".txt", *SUFFIXES) and path[:dot] else path


def _rank(matched: MatchedFrame | UnmatchedFrame, order: dict[str, int]) -> tuple[int, int]:
    return (order[matched.medium.id], matched.frame) if isinstance(matched, MatchedFrame) else (len(order), 0)
