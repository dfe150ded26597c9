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
    state = _ArchiveState(media)
    medium = ""
    for frame, name in sorted((_FrameName.parse(name), name) for name in archive.names_ending(".xml")):
        if frame.media != medium:
            yield from state.finish_tracks()
            medium = frame.media
        yield from state.file(name, frame, archive.read(name))
    yield from state.finish()


def detect(archive: ArchiveReader) -> float:
    """Files named after frames, whose objects have a `filename`: no other format has that."""
    files = [name for name in archive.names_ending(".xml") if _NUMBERED.match(name[:-4])] or archive.names_ending(
        ".xml"
    )
    matches = [_BEGINNING.match(archive.head(name)) for name in files[:_LOOKED_AT]]
    if not matches or None in matches:
        return 0.0
    return 0.95 if any(match and match[1] for match in matches) else 0.6


READER = Reader(read, detect)


class _FrameName(NamedTuple):
    """A frame in a file name: a medium and a frame number from 0, or -1."""

    media: str
    number: int
    stem: str

    @classmethod
    def parse(cls, path: str) -> "_FrameName":
        """The frame of a label file or image path; images are in a folder named after their medium."""
        stem = _ROOT.sub("", clean(path).rpartition(".")[0])
        numbered = _NUMBERED.match(stem)
        if numbered is None:
            return cls(stem, -1, stem)
        folder, _, name = numbered["media"].rpartition("/")
        media = folder if folder and folder.rpartition("/")[2] == name else numbered["media"]
        return cls(media, int(numbered["number"]) - 1, stem)


class _ArchiveState:
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

    def file(self, name: str, frame: _FrameName, content: bytes) -> Iterator[Parsed]:
        """The objects of a file."""
        try:
            for number, element in enumerate(iterate_elements(content, "object"), 1):
                where = f"{name}, object {number}"
                yield from or_skipped(where, self._object, where, element, frame)
            self._match(frame)
        except ValueError as error:
            yield skipped_for(name, error)

    def _object(self, where: str, element: Element, frame: _FrameName) -> Iterator[Parsed]:
        matched = self._match(frame)
        image_name = element.findtext("filename")
        if isinstance(matched, UnmatchedFrame) and image_name:
            by_image = self._match(_FrameName.parse(image_name))
            matched = by_image if isinstance(by_image, MatchedFrame) else matched
        category, geometry = _text(element, "name"), _geometry(element)
        number = element.findtext("id")
        track = (number, geometry.kind) if number else None
        optional = {}
        if isinstance(matched, MatchedFrame):
            key = (matched.medium.id, category, track) if track else where
            optional["behaviors"] = self._behaviors.merge(key, where, _behaviors(element))
        detection = Detection(
            where,
            geometry,
            attributes={
                attribute.attrib["name"]: parse_value(attribute.text or "")
                for attribute in element.iterfind("attribute")
            },
            gone=_disappearance(element, matched),
        )
        yield from self._collector.add(
            matched, category, detection, track=track, type_name=element.findtext("type") or None, **optional
        )

    def _match(self, frame: _FrameName) -> MatchedFrame | UnmatchedFrame:
        medium = self._media.named(frame.media)
        if isinstance(medium, TargetMedium) and (frame.number >= 0 or medium.kind == "image"):
            return self._collector.match(frame.media, max(frame.number, 0))
        # An image's own name may end with digits too.
        image = self._media.named(frame.stem)
        if isinstance(image, TargetMedium) and image.kind == "image":
            return self._collector.match(frame.stem, 0)
        no_number = reason_for("frame_not_given", file=frame.media)
        return UnmatchedFrame(frame.media, no_number if isinstance(medium, TargetMedium) else medium.reason)


def _behaviors(element: Element) -> Iterator[BehaviorRow]:
    for behavior in element.iterfind("behavior"):
        first, last = int(behavior.attrib["first"]), int(behavior.attrib["last"])
        yield BehaviorRow(behavior.attrib["type"], behavior.get("attribute") or None, first - 1, last - 1)


def _disappearance(element: Element, matched: MatchedFrame | UnmatchedFrame) -> int | None:
    """The first frame on which the object is out of view, if the file gives it."""
    disappearance = element.find("disappearance")
    if disappearance is None or isinstance(matched, UnmatchedFrame):
        return None
    first = int(disappearance.attrib["first"]) - 1
    return first if matched.frame < first < matched.medium.frame_count else None


def _geometry(element: Element) -> Geometry:
    """The exact box, or the polygons of other shapes."""
    box = element.find("box")
    if box is not None:
        return _box(box.attrib)
    polygons = element.findall("polygon")
    if polygons:
        return Polygon(parts=[_part(polygon) for polygon in polygons])
    bounding_box = element.find("bndbox")
    if bounding_box is None:
        raise ReaderError("field_missing", field="bndbox")
    corners = (float(_text(bounding_box, name)) for name in ("xmin", "ymin", "xmax", "ymax"))
    return Box(**dict(zip(("x1", "y1", "x2", "y2"), corners, strict=True)))


def _box(fields: Mapping[str, str]) -> Box:
    x1, y1, x2, y2 = (float(fields[name]) for name in ("x1", "y1", "x2", "y2"))
    return Box(x1=x1, y1=y1, x2=x2, y2=y2, rotation=float(fields.get("rotation", 0.0)))


def _part(polygon: Element) -> Part:
    outer = _points(polygon.iterfind("pt"))
    if len(outer) < 3:
        raise ReaderError("points_too_few", count=len(outer), minimum=3)
    return Part(outer=outer, holes=[_points(hole.iterfind("pt")) for hole in polygon.iterfind("hole")])


def _points(elements: Iterable[Element]) -> list[Point]:
    return [(float(element.attrib["x"]), float(element.attrib["y"])) for element in elements]


def _text(element: Element, name: str) -> str:
    value = element.findtext(name)
    if not value:
        raise ReaderError("field_missing", field=name)
    return value
