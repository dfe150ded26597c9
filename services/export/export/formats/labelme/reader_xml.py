"""The way in of LabelMe 3.0: a file of outlines and masks for each frame.

Masks lie in a folder `Masks` beside the files, or wherever a picture is called so. What is deleted is none. Outlines of
four points of type `bounding_box` are boxes.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from common.geometry.masks import encode_bitmap
from common.geometry.types import Bitmap, Box, Geometry, Part, Point, Polygon
from common.service.ids import stable_id
from export.formats.labelme.reader_attributes import attributes_of
from export.formats.labelme.reader_videos import Piece, Video
from export.formats.pascal_voc.reader_shapes import is_set, name_of, number, text
from export.parsing.archive_reader import Bundle
from export.parsing.detections import Sighting
from export.parsing.frames import Frames, Missing
from export.parsing.images import picture
from export.parsing.label_files import LabelFile, by_medium, place_of
from export.parsing.matching import Media, Place
from export.parsing.reader import Found, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped_for
from export.parsing.xml_elements import elements

_TOLD_ELSEWHERE = {"type", "occluded", "track_id", "keyframe"}
_MARKS = (b"<imagesize", b"<sourceImage", b"<hasparts", b"<sourceAnnotation", b"<deleted>")
_LOOKED_AT = 5


def read(bundle: Bundle, media: Media) -> Iterator[Found]:
    """The objects of every file, those of videos when the video is over."""
    frames, masks = Frames(media), _Masks(bundle)
    for files in by_medium((LabelFile(name, name) for name in bundle.ending(".xml")), frames):
        video = Video(frames)
        for file in files:
            yield from _File(file, masks, frames).objects(bundle.read(file.name), video)
        yield from video.objects()
        yield from frames.ended()
    yield from frames.all_ended()


def recognize(bundle: Bundle) -> float:
    """What LabelMe says of pictures and no other program does."""
    files = bundle.ending(".xml")[:_LOOKED_AT]
    said = [bundle.beginning(name) for name in files]
    return 0.95 if said and all(b"<annotation>" in one and any(mark in one for mark in _MARKS) for one in said) else 0.0


READER = Reader(read, recognize)


class _Masks:
    """Finds pictures of pixels."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._placed: dict[tuple[str, str], str] = {}
        self._named: dict[str, str] = {}
        for name in bundle.ending(".png", ".bmp"):
            folder, _, last = name.rpartition("/")
            parts = folder.split("/")
            at = next((at for at, part in enumerate(parts) if part.lower() == "masks"), None)
            if at is not None:
                self._placed[("/".join(parts[:at] + parts[at + 1 :]), last)] = name
            self._named[last] = name

    def of(self, file: LabelFile, told: str) -> Bitmap:
        """The pixels of a mask that a file names.

        Raises:
            ValueError: there is none, or it has none.
        """
        name = self._placed.get((file.name.rpartition("/")[0], told)) or self._named.get(told)
        if name is None:
            raise ReaderError("file_not_in_archive", file=told[:200])
        found = picture(self._bundle.read(name))
        bitmap = encode_bitmap(found != 0 if found.ndim == 2 else (found != 0).any(axis=2))
        if not bitmap.width:
            raise ReaderError("mask_empty")
        return bitmap


class _File:
    """The file of a picture."""

    def __init__(self, file: LabelFile, masks: _Masks, frames: Frames) -> None:
        self._file = file
        self._masks = masks
        self._frames = frames

    def objects(self, content: bytes, video: Video) -> Iterator[Found]:
        """The objects of a picture; those of a video's frame are given to `video`."""
        told = {"filename": "", "folder": ""}
        pieces: list[Piece] = []
        try:
            for count, element in enumerate(elements(content, "filename", "folder", "object")):
                if element.tag != "object":
                    told[element.tag] = (element.text or "").strip()
                elif not is_set(element, "deleted"):
                    yield from self._read(f"{self._file.name}, object {text(element, 'id') or count}", element, pieces)
        except ValueError as error:
            yield skipped_for(self._file.name, error)
        place = place_of(self._file, "/".join(filter(None, (told["folder"], told["filename"]))), self._frames)
        members = Counter(piece.group for piece in pieces)
        pieces = [piece if members[piece.group] > 1 else piece._replace(group=None) for piece in pieces]
        if isinstance(place, Place) and place.medium.kind == "video":
            video.add(place, pieces)
        else:
            yield from self._seen(place, pieces)

    def _seen(self, place: Place | Missing, pieces: list[Piece]) -> Iterator[Found]:
        for piece in pieces:
            group: dict[str, Any] = {"group": stable_id("group", self._file.name, piece.group)} if piece.group else {}
            try:
                yield from self._frames.see(place, piece.label, piece.sighting, type_name=piece.type_name, **group)
            except MALFORMED as error:
                yield skipped_for(piece.sighting.where, error)

    def _read(self, where: str, element: Element, pieces: list[Piece]) -> Iterator[Found]:
        """Add an object to those of the file."""
        try:
            pieces.append(self._piece(where, element))
        except MALFORMED as error:
            yield skipped_for(where, error)

    def _piece(self, where: str, element: Element) -> Piece:
        said = attributes_of(text(element, "attributes"))
        others, first = text(element, "parts/hasparts").strip(), text(element, "parts/ispartof").strip()
        track, type_name = said.get("track_id"), said.get("type")
        sighting = Sighting(
            where,
            self._geometry(element, is_ours="track_id" in said),
            is_key=said.get("keyframe") is not False,
            occluded=is_set(element, "occluded") or said.get("occluded") is True,
            attributes={name: value for name, value in said.items() if name not in _TOLD_ELSEWHERE},
        )
        return Piece(
            name_of(element).strip("\r\n"),
            str(type_name) if type_name else None,
            None if track is None else str(track),
            first or (text(element, "id") if others else None) or None,
            sighting,
        )

    def _geometry(self, element: Element, *, is_ours: bool) -> Geometry:
        if element.find("segm/mask") is not None:
            return self._masks.of(self._file, text(element, "segm/mask").strip())
        points: list[Point] = [(number(point, "x"), number(point, "y")) for point in element.iterfind("polygon/pt")]
        if len(points) < 3:
            raise ReaderError("points_too_few", count=len(points), minimum=3)
        if text(element, "type").strip() == "bounding_box":
            xs, ys = [x for x, _ in points], [y for _, y in points]
            if is_ours and (xs[0], ys[0], xs[2]) == (xs[-1], ys[1], xs[1]):
                # On its way from one keyframe to the next, a box may be turned inside out.
                return Box(x1=xs[0], y1=ys[0], x2=xs[2], y2=ys[2])
            return Box(x1=min(xs), y1=min(ys), x2=max(xs), y2=max(ys))
        return Polygon(parts=[Part(outer=points)])
