"""The way in of PASCAL VOC 1.1: files of boxes, pictures of areas, and lists of the frames that have a class.

A single file, or an archive of nothing but such files, is taken too. Of lists, those are read that are called
`<class>_<subset>.txt`, where a subset's own list is there, or one that everybody has.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from common.geometry.types import Box, Geometry, ImageTag
from common.service.ids import stable_id
from export.dataset.texts import folder_name
from export.formats.pascal_voc.reader_maps import LabelMap, read_map
from export.formats.pascal_voc.reader_masks import areas
from export.formats.pascal_voc.reader_shapes import attributes_of, geometry_of, is_set, name_of, text
from export.parsing.archive_reader import Bundle
from export.parsing.detections import Sighting
from export.parsing.frames import Frames, Missing
from export.parsing.label_files import LabelFile, by_medium, place_of
from export.parsing.matching import Media, Place
from export.parsing.reader import Found, Reader
from export.parsing.reasons import MALFORMED, skipped_for
from export.parsing.values import value_of
from export.parsing.xml_elements import elements

_ROOT = re.compile(r"^(?:.*?/)?annotations/", re.IGNORECASE)
_LISTS = re.compile(r"^(?:.*?/)?imagesets/main/(?P<name>[^/]*)\.txt$", re.IGNORECASE)
_LINE = re.compile(r"^(?P<path>.*\S)\s+(?P<has>-1|0|1)$")
_SUBSETS = {"default", "train", "val", "trainval", "test"}
_TOLD_ELSEWHERE = {"type", "occluded", "rotation", "track_id", "keyframe"}
_OTHERS = b"<imagesize", b"<annotations", b"<hasparts"
_OWN = b"<bndbox", b"<segmented", b"<size"
_LOOKED_AT = 5


def read(bundle: Bundle, media: Media) -> Iterator[Found]:
    """Boxes medium by medium, then areas, then labels of whole pictures."""
    frames = Frames(media)
    for files in by_medium(_annotations(bundle), frames):
        for file in files:
            yield from _File(file, frames).objects(bundle.read(file.name))
        yield from frames.ended()
    known = read_map(bundle)
    yield from areas(bundle, frames, known)
    yield from _labels(bundle, frames, known)
    yield from frames.all_ended()


def recognize(bundle: Bundle) -> float:
    """Annotation files of the kind in their folder, or without it; or the folder with nothing else."""
    named = bundle.ending(".xml")
    placed = [name for name in named if _ROOT.match(name)]
    files = (placed or named)[:_LOOKED_AT]
    if files:
        if not all(_is_own(bundle.beginning(name)) for name in files):
            return 0.0
        return 0.9 if placed and any(_LISTS.match(name) for name in bundle.ending(".txt")) else 0.7
    return 0.3 if any(_LISTS.match(name) for name in bundle.ending(".txt")) else 0.0


READER = Reader(read, recognize)


def _is_own(content: bytes) -> bool:
    is_own = b"<annotation" in content and any(mark in content for mark in _OWN)
    return is_own and not any(mark in content for mark in _OTHERS)


def _annotations(bundle: Bundle) -> list[LabelFile]:
    named = bundle.ending(".xml")
    return [LabelFile(name, _ROOT.sub("", name)) for name in named if _ROOT.match(name)] or [
        LabelFile(name, name) for name in named
    ]


class _File:
    """The file of a picture."""

    def __init__(self, file: LabelFile, frames: Frames) -> None:
        self._file = file
        self._frames = frames

    def objects(self, content: bytes) -> Iterator[Found]:
        """Its objects; tracks when the medium is over."""
        place: Place | Missing | None = None
        told, count = "", 0
        try:
            for element in elements(content, "filename", "object"):
                if element.tag == "filename":
                    told = element.text or ""
                    continue
                place = place or place_of(self._file, told, self._frames)
                count += 1
                yield from self._told(f"{self._file.name}, object {count}", place, element)
        except ValueError as error:
            yield skipped_for(self._file.name, error)

    def _told(self, where: str, place: Place | Missing, element: Element) -> Iterator[Found]:
        try:
            yield from self._object(where, place, element)
        except MALFORMED as error:
            yield skipped_for(where, error)

    def _object(self, where: str, place: Place | Missing, element: Element) -> Iterator[Found]:
        said = dict(attributes_of(element))
        parts = element.findall("part")
        group = {"group": stable_id("group", where)} if parts else {}
        attributes = {name: _value(value) for name, value in said.items() if name not in _TOLD_ELSEWHERE}
        seen = Sighting(
            where,
            _turned(geometry_of(element), said),
            is_key=said.get("keyframe") != "False",
            occluded=is_set(element, "occluded") or said.get("occluded") == "True",
            attributes={**_elements(element), **attributes},
        )
        track, type_name = said.get("track_id") or None, said.get("type") or None
        yield from self._frames.see(place, name_of(element), seen, track=track, type_name=type_name, **group)
        for number, part in enumerate(parts, 1):
            of = Sighting(f"{where}, part {number}", geometry_of(part))
            yield from self._frames.see(place, name_of(part), of, **group)


def _elements(element: Element) -> dict[str, str | bool | float]:
    """The attributes that VOC itself has: what is not so is not told, but that something does nothing of what it might
    do."""
    found: dict[str, str | bool | float] = {name: True for name in ("truncated", "difficult") if is_set(element, name)}
    if (pose := text(element, "pose")) not in ("", "Unspecified"):
        found["pose"] = pose
    return found | {action.tag: is_set(action, ".") for action in element.iterfind("actions/*")}


def _value(said: str) -> str | bool | float:
    """Yes and no are told as Python does, so that `true` is a word."""
    if said in ("True", "False"):
        return said == "True"
    return said if said in ("true", "false") else value_of(said)


def _turned(shape: Geometry, said: dict[str, str]) -> Geometry:
    if isinstance(shape, Box) and said.get("rotation"):
        return Box(x1=shape.x1, y1=shape.y1, x2=shape.x2, y2=shape.y2, rotation=float(said["rotation"]))
    return shape


# ---- labels of whole pictures ----


def _labels(bundle: Bundle, frames: Frames, known: LabelMap) -> Iterator[Found]:
    listed = [(found["name"], name) for name in bundle.ending(".txt") if (found := _LISTS.match(name))]
    subsets = _SUBSETS.union(stem for stem, _ in listed)
    names = {folder_name(one): one for one in known.names}
    seen: set[tuple[Place, str]] = set()
    for stem, name in listed:
        label, _, subset = stem.rpartition("_")
        if label and subset in subsets:
            lines = bundle.read(name).decode(errors="replace").split("\n")
            rows = [_LINE.match(line) for line in lines if line.strip()]
            if all(rows):
                having = {line["path"]: line["has"] == "1" for line in rows if line}
                yield from _having(name, names.get(label, label), having, frames, seen)


def _having(
    name: str, label: str, having: dict[str, bool], frames: Frames, seen: set[tuple[Place, str]]
) -> Iterator[Found]:
    """The label of the pictures of a list, but for those that another list of it had."""
    for path, has in having.items():
        where = f"{name}, {path}"
        place = frames.place(f"{path}.jpg", None, where)
        is_new = not isinstance(place, Place) or (place, label) not in seen
        if has and is_new:
            seen.update([(place, label)] if isinstance(place, Place) else [])
            yield from frames.see(place, label, Sighting(where, ImageTag(), is_key=False), track="label")
