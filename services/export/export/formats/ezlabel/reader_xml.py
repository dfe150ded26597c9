"""The way in of ezLabel XML: a file of boxes for each frame, and what our own files say beside them.

Which frame a file is about its name says, `<file>_<number>.xml` counted from 1, or else what each object says is its
picture. Objects with the same id are one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from xml.etree.ElementTree import Element

from common.contract.errors import reason_for
from common.geometry.types import Box, Geometry, Part, Point, Polygon
from export.formats.ezlabel.reader_visibility import Showing, Shown
from export.parsing.archive_reader import Bundle
from export.parsing.detections import Sighting
from export.parsing.frames import Frames, Missing
from export.parsing.matching import Media, Place, Target, clean
from export.parsing.reader import Found, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped_for
from export.parsing.values import value_of
from export.parsing.xml_elements import elements

_NUMBERED = re.compile(r"^(?P<media>.+)_(?P<number>\d{5,8})$")
_ROOT = re.compile(r"^(?:.*?/)?(?:annotations|all)/", re.IGNORECASE)
_BEGINNING = re.compile(
    rb"^\s*(?:<\?xml[^>]*>\s*)?<annotation>\s*(?:(<object>)(?:(?!</object>).)*?<filename>|</annotation>)",
    re.DOTALL,
)
_LOOKED_AT = 20


def read(bundle: Bundle, media: Media) -> Iterator[Found]:
    """The objects of every file, medium after medium."""
    reading = _Reading(media)
    about = ""
    for picture, name in sorted((_Picture.called(name), name) for name in bundle.ending(".xml")):
        if picture.media != about:
            yield from reading.ended()
            about = picture.media
        yield from reading.file(name, picture, bundle.read(name))
    yield from reading.all_ended()


def recognize(bundle: Bundle) -> float:
    """Files called like frames, whose objects say of which picture they are: no other format says it there."""
    files = [name for name in bundle.ending(".xml") if _NUMBERED.match(name[:-4])] or bundle.ending(".xml")
    seen = [_BEGINNING.match(bundle.beginning(name)) for name in files[:_LOOKED_AT]]
    if not seen or None in seen:
        return 0.0
    return 0.95 if any(found and found[1] for found in seen) else 0.6


READER = Reader(read, recognize)


class _Picture(NamedTuple):
    """A frame as names tell it: a medium, and the frame's number from 0, or -1 if there is none."""

    media: str
    number: int
    stem: str

    @classmethod
    def called(cls, path: str) -> "_Picture":
        """What the path of a file or of a picture says; a picture lies in a folder called like its medium."""
        stem = _ROOT.sub("", clean(path).rpartition(".")[0])
        numbered = _NUMBERED.match(stem)
        if numbered is None:
            return cls(stem, -1, stem)
        folder, _, name = numbered["media"].rpartition("/")
        media = folder if folder and folder.rpartition("/")[2] == name else numbered["media"]
        return cls(media, int(numbered["number"]) - 1, stem)


class _Reading:
    """What was read so far."""

    def __init__(self, media: Media) -> None:
        self._media = media
        self._frames = Frames(media)
        self._showing = Showing()

    def ended(self) -> Iterator[Found]:
        """No more comes of the medium."""
        yield from self._frames.ended()
        self._showing.clear()

    def all_ended(self) -> Iterator[Found]:
        """No more comes at all."""
        yield from self._frames.all_ended()

    def file(self, name: str, picture: _Picture, content: bytes) -> Iterator[Found]:
        """The objects of a file."""
        try:
            for number, element in enumerate(elements(content, "object"), 1):
                where = f"{name}, object {number}"
                try:
                    yield from self._object(where, element, picture)
                except MALFORMED as error:
                    yield skipped_for(where, error)
            self._place(picture)
        except ValueError as error:
            yield skipped_for(name, error)

    def _object(self, where: str, element: Element, picture: _Picture) -> Iterator[Found]:
        place = self._place(picture)
        told = element.findtext("filename")
        if isinstance(place, Missing) and told:
            beside = self._place(_Picture.called(told))
            place = beside if isinstance(beside, Place) else place
        category, geometry = _text(element, "name"), _geometry(element)
        number = element.findtext("id")
        track = (number, geometry.kind) if number else None
        more = {}
        if isinstance(place, Place):
            key = (place.medium.id, category, track) if track else where
            more["behaviors"] = self._showing.of(key, where, _shown(element))
        sighting = Sighting(
            where,
            geometry,
            attributes={one.attrib["name"]: value_of(one.text or "") for one in element.iterfind("attribute")},
            gone=_gone(element, place),
        )
        yield from self._frames.see(
            place, category, sighting, track=track, type_name=element.findtext("type") or None, **more
        )

    def _place(self, picture: _Picture) -> Place | Missing:
        found = self._media.named(picture.media)
        if isinstance(found, Target) and (picture.number >= 0 or found.kind == "image"):
            return self._frames.place(picture.media, max(picture.number, 0))
        # A picture's own name may end like that too.
        whole = self._media.named(picture.stem)
        if isinstance(whole, Target) and whole.kind == "image":
            return self._frames.place(picture.stem, 0)
        no_number = reason_for("frame_not_given", file=picture.media)
        return Missing(picture.media, no_number if isinstance(found, Target) else found.reason)


def _shown(element: Element) -> Iterator[Shown]:
    for one in element.iterfind("behavior"):
        first, last = int(one.attrib["first"]), int(one.attrib["last"])
        yield Shown(one.attrib["type"], one.get("attribute") or None, first - 1, last - 1)


def _gone(element: Element, place: Place | Missing) -> int | None:
    """From which frame on the object is out of view, if the file says so."""
    said = element.find("disappearance")
    if said is None or isinstance(place, Missing):
        return None
    first = int(said.attrib["first"]) - 1
    return first if place.frame < first < place.medium.frame_count else None


def _geometry(element: Element) -> Geometry:
    """A box as exactly as it is said, or the outlines of what is none."""
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


def _box(said: Mapping[str, str]) -> Box:
    x1, y1, x2, y2 = (float(said[name]) for name in ("x1", "y1", "x2", "y2"))
    return Box(x1=x1, y1=y1, x2=x2, y2=y2, rotation=float(said.get("rotation", 0.0)))


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
