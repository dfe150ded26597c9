"""Reader of LabelMe 3.0: one XML file of polygons and masks per image.

Masks are in a folder `Masks` beside the files, or anywhere by name. Deleted objects are skipped. Polygons of type
`bounding_box` are boxes.
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
from export.parsing.archive_reader import ArchiveReader
from export.parsing.detections import Detection
from export.parsing.label_files import LabelFile, group_by_medium, match_label_file
from export.parsing.label_images import decode_image
from export.parsing.media_index import MatchedFrame, MediaIndex
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped_for
from export.parsing.xml_elements import iterate_elements

_BUILT_IN = {"type", "occluded", "track_id", "keyframe"}
_MARKS = (b"<imagesize", b"<sourceImage", b"<hasparts", b"<sourceAnnotation", b"<deleted>")
_LOOKED_AT = 5


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The objects of every file; those of a video after its last file."""
    collector, masks = ObjectCollector(media), _Masks(archive)
    for files in group_by_medium((LabelFile(name, name) for name in archive.names_ending(".xml")), collector):
        video = Video(collector)
        for file in files:
            yield from _File(file, masks, collector).objects(archive.read(file.name), video)
        yield from video.objects()
        yield from collector.finish_tracks()
    yield from collector.finish()


def detect(archive: ArchiveReader) -> float:
    """Elements that only LabelMe writes."""
    files = archive.names_ending(".xml")[:_LOOKED_AT]
    heads = [archive.head(name) for name in files]
    return (
        0.95
        if heads and all(b"<annotation>" in head and any(mark in head for mark in _MARKS) for head in heads)
        else 0.0
    )


READER = Reader(read, detect)


class _Masks:
    """Finds mask images."""

    def __init__(self, archive: ArchiveReader) -> None:
        self._archive = archive
        self._by_folder: dict[tuple[str, str], str] = {}
        self._by_name: dict[str, str] = {}
        for name in archive.names_ending(".png", ".bmp"):
            folder, _, last = name.rpartition("/")
            parts = folder.split("/")
            at = next((at for at, part in enumerate(parts) if part.lower() == "masks"), None)
            if at is not None:
                self._by_folder[("/".join(parts[:at] + parts[at + 1 :]), last)] = name
            self._by_name[last] = name

    def of(self, file: LabelFile, mask_name: str) -> Bitmap:
        """The pixels of a mask.

        Raises:
            ValueError: the data does not follow the format.
        """
        name = self._by_folder.get((file.name.rpartition("/")[0], mask_name)) or self._by_name.get(mask_name)
        if name is None:
            raise ReaderError("file_not_in_archive", file=mask_name[:200])
        image = decode_image(self._archive.read(name))
        bitmap = encode_bitmap(image != 0 if image.ndim == 2 else (image != 0).any(axis=2))
        if not bitmap.width:
            raise ReaderError("mask_empty")
        return bitmap


class _File:
    """The label file of an image."""

    def __init__(self, file: LabelFile, masks: _Masks, collector: ObjectCollector) -> None:
        self._file = file
        self._masks = masks
        self._collector = collector

    def objects(self, content: bytes, video: Video) -> Iterator[Parsed]:
        """The objects of an image; those of a video frame are added to `video`."""
        fields = {"filename": "", "folder": ""}
        pieces: list[Piece] = []
        try:
            for count, element in enumerate(iterate_elements(content, "filename", "folder", "object")):
                if element.tag != "object":
                    fields[element.tag] = (element.text or "").strip()
                elif not is_set(element, "deleted"):
                    yield from self._read(f"{self._file.name}, object {text(element, 'id') or count}", element, pieces)
        except ValueError as error:
            yield skipped_for(self._file.name, error)
        matched = match_label_file(
            self._file, "/".join(filter(None, (fields["folder"], fields["filename"]))), self._collector
        )
        members = Counter(piece.group for piece in pieces)
        pieces = [piece if members[piece.group] > 1 else piece._replace(group=None) for piece in pieces]
        if isinstance(matched, MatchedFrame) and matched.medium.kind == "video":
            video.add(matched, pieces)
        else:
            yield from self._add(matched, pieces)

    def _add(self, matched: MatchedFrame | UnmatchedFrame, pieces: list[Piece]) -> Iterator[Parsed]:
        for piece in pieces:
            group: dict[str, Any] = {"group": stable_id("group", self._file.name, piece.group)} if piece.group else {}
            try:
                yield from self._collector.add(
                    matched, piece.label, piece.detection, type_name=piece.type_name, **group
                )
            except MALFORMED as error:
                yield skipped_for(piece.detection.where, error)

    def _read(self, where: str, element: Element, pieces: list[Piece]) -> Iterator[Parsed]:
        """Add an object to the pieces of the file."""
        try:
            pieces.append(self._piece(where, element))
        except MALFORMED as error:
            yield skipped_for(where, error)

    def _piece(self, where: str, element: Element) -> Piece:
        attributes = attributes_of(text(element, "attributes"))
        others, first = text(element, "parts/hasparts").strip(), text(element, "parts/ispartof").strip()
        track, type_name = attributes.get("track_id"), attributes.get("type")
        detection = Detection(
            where,
            self._geometry(element, is_tracklane="track_id" in attributes),
            is_key=attributes.get("keyframe") is not False,
            occluded=is_set(element, "occluded") or attributes.get("occluded") is True,
            attributes={name: value for name, value in attributes.items() if name not in _BUILT_IN},
        )
        return Piece(
            name_of(element).strip("\r\n"),
            str(type_name) if type_name else None,
            None if track is None else str(track),
            first or (text(element, "id") if others else None) or None,
            detection,
        )

    def _geometry(self, element: Element, *, is_tracklane: bool) -> Geometry:
        if element.find("segm/mask") is not None:
            return self._masks.of(self._file, text(element, "segm/mask").strip())
        points: list[Point] = [(number(point, "x"), number(point, "y")) for point in element.iterfind("polygon/pt")]
        if len(points) < 3:
            raise ReaderError("points_too_few", count=len(points), minimum=3)
        if text(element, "type").strip() == "bounding_box":
            xs, ys = [x for x, _ in points], [y for _, y in points]
            if is_tracklane and (xs[0], ys[0], xs[2]) == (xs[-1], ys[1], xs[1]):
                # Interpolation between keyframes may turn a box inside out.
                return Box(x1=xs[0], y1=ys[0], x2=xs[2], y2=ys[2])
            return Box(x1=min(xs), y1=min(ys), x2=max(xs), y2=max(ys))
        return Polygon(parts=[Part(outer=points)])
