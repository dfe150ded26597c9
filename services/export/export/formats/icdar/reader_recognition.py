"""The way in of ICDAR Recognition 1.0: what pictures of words say, as labels of whole pictures.

A picture has one label of a class: of its texts the first one counts, others that differ are told.
"""

import re
from collections.abc import Iterator

from common.geometry.types import ImageTag
from export.formats.icdar.reader import CLASS, first_row, rows
from export.parsing.archive_reader import Bundle
from export.parsing.detections import Sighting
from export.parsing.frames import Frames, Missing
from export.parsing.matching import Media, Place
from export.parsing.reader import Found, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped, skipped_for

_ROW = re.compile(r"(?P<name>.+?),(?:[ \t]+(?P<text>.*))?")
_NAMED = re.compile(r".+\.[A-Za-z]{2,5},(?:[ \t]|$)")
_ESCAPED = re.compile(r"\\(.)")


def read(bundle: Bundle, media: Media) -> Iterator[Found]:
    """A label for each image, and one for each video, whose text changes from frame to frame."""
    frames, taken = Frames(media), dict[Place, str]()
    for name in _files(bundle):
        for where, line in rows(bundle, name):
            try:
                yield from _seen(where, line, frames, taken)
            except MALFORMED as error:
                yield skipped_for(where, error)
    yield from frames.all_ended()


def recognize(bundle: Bundle) -> float:
    """A file called so that begins with the name of a picture."""
    lines = [first_row(bundle, name) for name in _files(bundle)[:1]]
    return 0.9 if any(line is not None and _NAMED.match(line) for line in lines) else 0.0


READER = Reader(read, recognize)


def _files(bundle: Bundle) -> list[str]:
    return [name for name in bundle.ending("gt.txt") if name.rpartition("/")[2].lower() == "gt.txt"]


def _seen(where: str, line: str, frames: Frames, taken: dict[Place, str]) -> Iterator[Found]:
    if not line:
        return
    row = _ROW.fullmatch(line)
    if row is None:
        raise ReaderError("row_malformed")
    place = _place(row["name"], where, frames)
    text = _text(row["text"] or "")
    if text is None:
        return
    if isinstance(place, Place) and taken.setdefault(place, text) != text:
        yield skipped(where, "label_already_set")
        return
    sighting = Sighting(where, ImageTag(), is_key=False, attributes={"text": text})
    yield from frames.see(place, CLASS, sighting, track=CLASS)


def _place(path: str, where: str, frames: Frames) -> Place | Missing:
    """The picture; a blank after a comma is `_` in what we write."""
    place = frames.place(path, None, where)
    if isinstance(place, Missing) and ",_" in path:
        other = frames.place(path.replace(",_", ", "), None, where)
        return other if isinstance(other, Place) else place
    return place


def _text(told: str) -> str | None:
    """The text without its quotes and without the backslashes before characters that would be misread."""
    told = told.strip()
    if len(told) > 1 and told[0] == told[-1] == '"':
        return _ESCAPED.sub(r"\1", told[1:-1])
    return _ESCAPED.sub(r"\1", told) or None
