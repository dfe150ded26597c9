"""Reader of ezLabel XML: one file of boxes per frame, with Tracklane's extensions.

The frame is given by the file name, `<file>_<number>.xml` counted from 1, or else by the file name in each object.
Objects with the same id are one object.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from xml.etree.ElementTree import Element

from common.contract.errors import reason_for
from common.geometry.types import Box, Geometry, Part, Point, Polygon
from export.formats.ezlabel.reader_behaviors import BehaviorMerger, BehaviorRow
from export.parsing.archive_reader import ArchiveReader
from export.parsing.detections import Detection
from export.parsing.media_index import MatchedFrame, MediaIndex, TargetMedium, clean
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import ReaderError, or_skipped, skipped_for
from export.parsing.values import parse_value
from export.parsing.xml_elements import iterate_elements

_NUMBERED = re.compile(r"^(?P<media>.+)_(?P<number>\d{5,8})$")
_ROOT = re.compile(r"^(?:.*?/)?(?:annotations|all)/", re.IGNORECASE)
_BEGINNING = re.compile(
    rb"^\s*(?:<\?xml[^>]*>\s*)?<annotation>\s*(?:(<object>)(?:(?!</object>).)*?<filename>|</annotation>)",
    re.DOTALL,
)
_LOOKED_AT = 20


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The objects of every file, medium by medium."""
    reading = _Reading(media)
    about = ""
    for picture, name in sorted((_Picture.called(name), name) for name in archive.names_ending(".xml")):
        if picture.media != about:
            yield from reading.finish_tracks()
            about = picture.media
        yield from reading.file(name, picture, archive.read(name))
    yield from reading.finish()


def detect(archive: ArchiveReader) -> float:
    """Files named after frames, whose objects have a `filename`: no other format has that."""
    files = [name for name in archive.names_ending(".xml") if _NUMBERED.match(name[:-4])] or archive.names_ending(
        ".xml"
    )
    seen = [_BEGINNING.match(archive.head(name)) for name in files[:_LOOKED_AT]]
    if not seen or None in seen:
        return 0.0
    return 0.95 if any(found and found[1] for found in seen) else 0.6


READER = Reader(read, detect)


class _Picture(NamedTuple):
    """A frame in a file name: a medium and a frame number from 0, or -1."""

    media: str
    number: int
    stem: str

    @classmethod
    def called(cls, path: str) -> "_Picture":
        """The frame of a label file or image path; images are in a folder named after their medium."""
        stem = _ROOT.sub("", clean(path).rpartition(".")[0])
        numbered = _NUMBERED.match(stem)
        if numbered is None:
            return cls(stem, -1, stem)
        folder, _, name = numbered["media"].rpartition("/")
        media = folder if folder and folder.rpartition("/")[2] == name else numbered["media"]
        return cls(media, int(numbered["number"]) - 1, stem)


class _Reading:
    """The state of reading an archive."""

    def __init__(self, media: MediaIndex) -> None:
        self._media = media
        self._collector = ObjectCollector(media)
        self._behaviors = BehaviorMerger()

    def finish_tracks(self) -> Iterator[Parsed]:
        """The tracks of a medium that is complete."""
        yield from self._collector.finish_tracks()
        self._behaviors.clear()

    def finish(self) -> Iterator[Parsed]:
        """All remaining objects."""
        yield from self._collector.finish()

    def file(self, name: str, picture: _Picture, content: bytes) -> Iterator[Parsed]:
        """The objects of a file."""
        try:
            for number, element in enumerate(iterate_elements(content, "object"), 1):
                where = f"{name}, object {number}"
                yield from or_skipped(where, self._object, where, element, picture)
            self._match(picture)
        except ValueError as error:
            yield skipped_for(name, error)

    def _object(self, where: str, element: Element, picture: _Picture) -> Iterator[Parsed]:
        matched = self._match(picture)
        raw = element.findtext("filename")
        if isinstance(matched, UnmatchedFrame) and raw:
            beside = self._match(_Picture.called(raw))
            matched = beside if isinstance(beside, MatchedFrame) else matched
        category, geometry = _text(element, "name"), _geometry(element)
        number = element.findtext("id")
        track = (number, geometry.kind) if number else None
        more = {}
        if isinstance(matched, MatchedFrame):
            key = (matched.medium.id, category, track) if track else where
            more["behaviors"] = self._behaviors.merge(key, where, _shown(element))
        detection = Detection(
            where,
            geometry,
            attributes={one.attrib["name"]: parse_value(one.text or "") for one in element.iterfind("attribute")},
            gone=_gone(element, matched),
        )
        yield from self._collector.add(
            matched, category, detection, track=track, type_name=element.findtext("type") or None, **more
        )

    def _match(self, picture: _Picture) -> MatchedFrame | UnmatchedFrame:
        found = self._media.named(picture.media)
        if isinstance(found, TargetMedium) and (picture.number >= 0 or found.kind == "image"):
            return self._collector.match(picture.media, max(picture.number, 0))
        # A picture's own name may end like that too.
        whole = self._media.named(picture.stem)
        if isinstance(whole, TargetMedium) and whole.kind == "image":
            return self._collector.match(picture.stem, 0)
        no_number = reason_for("frame_not_given", file=picture.media)
        return UnmatchedFrame(picture.media, no_number if isinstance(found, TargetMedium) else found.reason)


def _shown(element: Element) -> Iterator[BehaviorRow]:
    for one in element.iterfind("behavior"):
        first, last = int(one.attrib["first"]), int(one.attrib["last"])
        yield BehaviorRow(one.attrib["type"], one.get("attribute") or None, first - 1, last - 1)


def _gone(element: Element, matched: MatchedFrame | UnmatchedFrame) -> int | None:
    """The first frame on which the object is out of view, if the file gives it."""
    fields = element.find("disappearance")
    if fields is None or isinstance(matched, UnmatchedFrame):
        return None
    first = int(fields.attrib["first"]) - 1
    return first if matched.frame < first < matched.medium.frame_count else None


def _geometry(element: Element) -> Geometry:
    """The exact box, or the polygons of other shapes."""
    exact = element.find("box")
    if exact is not None:
        return _box(exact.attrib)
    outlines = element.findall("polygon")
    if outlines:
        return Polygon(parts=[_part(one) for one in outlines])
    around = element.find("bndbox")
    if around is None:
        raise ReaderError("field_missing", field="bndbox")
    corners = (float(_text(around, name)) for name in ("xmin", "ymin", "xmax", "ymax"))
    return Box(**dict(zip(("x1", "y1", "x2", "y2"), corners, strict=True)))


def _box(fields: Mapping[str, str]) -> Box:
    x1, y1, x2, y2 = (float(fields[name]) for name in ("x1", "y1", "x2", "y2"))
    return Box(x1=x1, y1=y1, x2=x2, y2=y2, rotation=float(fields.get("rotation", 0.0)))


def _part(outline: Element) -> Part:
    outer = _points(outline.iterfind("pt"))
    if len(outer) < 3:
        raise ReaderError("points_too_few", count=len(outer), minimum=3)
    return Part(outer=outer, holes=[_points(hole.iterfind("pt")) for hole in outline.iterfind("hole")])


def _points(found: Iterable[Element]) -> list[Point]:
    return [(float(one.attrib["x"]), float(one.attrib["y"])) for one in found]


def _text(element: Element, name: str) -> str:
    found = element.findtext(name)
    if not found:
        raise ReaderError("field_missing", field=name)
    return found
