"""The way in of ImageNet 1.0: pictures in folders by their label, or lists of pictures with the numbers of theirs.

A label of a video holds on those of its frames that have it.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from common.geometry.types import ImageTag
from export.parsing.archive_reader import Bundle
from export.parsing.detections import Sighting
from export.parsing.frames import Frames, Missing
from export.parsing.matching import Media, Place
from export.parsing.reader import Found, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped, skipped_for

NO_LABEL = "no_label"
SYNSETS = "synsets.txt"
_SUBSETS = ("train", "val", "test", "training", "validation", "default", "cvat_exported")
_PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif", ".jpe", ".jfif")
_QUOTED = re.compile(r'^"(?P<stem>.*)"(?P<suffix>\.\S+)?(?P<numbers>(?: +-?\w+)*) *$')
_PLAIN = re.compile(r"^(?P<stem>\S+)(?P<suffix>)(?P<numbers>(?: +-?\w+)*) *$")
_LOOKED_AT = 500


class _Row(NamedTuple):
    """A picture and the numbers of its labels."""

    path: str
    numbers: list[int]


def read(bundle: Bundle, media: Media) -> Iterator[Found]:
    """The labels of every picture."""
    frames = Frames(media)
    yield from _lists(bundle, frames) if _synsets(bundle) else _folders(bundle, frames)
    yield from frames.all_ended()


def recognize(bundle: Bundle) -> float:
    """Lists beside the names of labels; or nothing but pictures, each in a folder."""
    if _synsets(bundle):
        return 0.95
    looked_at = [name for name, _ in zip(bundle.names, range(_LOOKED_AT), strict=False)]
    pictures = [name for name in looked_at if name != "labels.json"]
    are_placed = all(name.lower().endswith(_PICTURES) and _folder(name) for name in pictures)
    return 0.6 if pictures and are_placed else 0.0


READER = Reader(read, recognize)


def _synsets(bundle: Bundle) -> str | None:
    return next((name for name in bundle.ending(SYNSETS) if name.rpartition("/")[2].lower() == SYNSETS), None)


# ---- folders ----


def _folders(bundle: Bundle, frames: Frames) -> Iterator[Found]:
    for name in bundle.ending(*_PICTURES):
        if (label := _folder(name)) is None:
            yield skipped(name, "image_not_in_label_folder")
            continue
        place = frames.place(name.rpartition("/")[2], None, name)
        if label != NO_LABEL:
            yield from _told(frames, place, label, name)


def _folder(name: str) -> str | None:
    """The folder that a picture lies in, which is its label: below that of a subset, if there are any."""
    parts = name.split("/")
    return parts[-2] if len(parts) == 2 or (len(parts) == 3 and parts[0] in _SUBSETS) else None


# ---- lists ----


def _lists(bundle: Bundle, frames: Frames) -> Iterator[Found]:
    synsets = _synsets(bundle) or ""
    labels = [line.strip() for line in _lines(bundle, synsets)]
    folder = synsets.rpartition("/")[0]
    for name in bundle.ending(".txt"):
        if name == synsets or name.rpartition("/")[0] != folder:
            continue
        for number, line in enumerate(_lines(bundle, name), 1):
            where = f"{name}, line {number}"
            try:
                if line.strip():
                    yield from _row(frames, _parsed(line), labels, where)
            except MALFORMED as error:
                yield skipped_for(where, error)


def _lines(bundle: Bundle, name: str) -> list[str]:
    # Names may have what Python takes for the end of a line.
    lines = bundle.read(name).decode(errors="replace").replace("\r\n", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _parsed(line: str) -> _Row:
    found = _QUOTED.match(line) or _PLAIN.match(line)
    if not found:
        raise ReaderError("row_malformed")
    return _Row(found["stem"] + (found["suffix"] or ""), [int(number) for number in found["numbers"].split()])


def _row(frames: Frames, row: _Row, labels: list[str], where: str) -> Iterator[Found]:
    place = frames.place(row.path, None, where)
    for number in row.numbers:
        if not 0 <= number < len(labels):
            yield skipped(where, "no_such_class_in", number=number, file=SYNSETS)
            continue
        yield from _told(frames, place, labels[number], where)


def _told(frames: Frames, place: Place | Missing, label: str, where: str) -> Iterator[Found]:
    yield from frames.see(place, label, Sighting(where, ImageTag(), is_key=False), track="label")
