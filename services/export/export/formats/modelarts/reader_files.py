"""The label files of ModelArts: VOC XML of what is drawn on a picture, and labels of pictures, one a line."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from xml.etree.ElementTree import Element

from common.geometry.types import ImageTag
from export.formats.pascal_voc.reader_shapes import attributes_of, geometry_of, is_set, name_of, number, text
from export.parsing.archive_reader import Bundle
from export.parsing.detections import Sighting
from export.parsing.frames import Frames, Missing
from export.parsing.label_files import LabelFile, place_of
from export.parsing.matching import Place
from export.parsing.reader import Found
from export.parsing.reasons import MALFORMED, skipped_for
from export.parsing.values import value_of
from export.parsing.xml_elements import elements

TYPE = "type"


class _Seen(NamedTuple):
    """Something drawn."""

    category: str
    type_name: str | None
    sighting: Sighting


def drawings(
    name: str, content: bytes, place: Place | Missing, frames: Frames, given: Mapping[str, str]
) -> Iterator[Found]:
    """The objects of an XML file."""
    try:
        for count, element in enumerate(elements(content, "object"), 1):
            where = f"{name}, object {count}"
            try:
                seen = _seen(where, element)
                yield from frames.see(place, seen.category, seen.sighting, type_name=seen.type_name, **given)
            except MALFORMED as error:
                yield skipped_for(where, error)
    except ValueError as error:
        yield skipped_for(name, error)


def _seen(where: str, element: Element) -> _Seen:
    said = dict(attributes_of(element))
    type_name = said.pop(TYPE, None) or None
    sighting = Sighting(
        where,
        geometry_of(element),
        occluded=is_set(element, "occluded"),
        score=number(element, "confidence") if text(element, "confidence") else None,
        attributes={name: value_of(value) for name, value in said.items()},
    )
    return _Seen(name_of(element), type_name, sighting)


def beside(bundle: Bundle, name: str, frames: Frames) -> Iterator[Found]:
    """The labels of a file beside a picture."""
    file = LabelFile(name, name)
    place = place_of(file, "", frames)
    content = bundle.read(name)
    if name.lower().endswith(".xml"):
        yield from drawings(name, content, place, frames, {})
        return
    for count, line in enumerate(content.decode(errors="replace").split("\n"), 1):
        if label := line.strip():
            where = f"{name}, line {count}"
            try:
                yield from frames.see(place, label, Sighting(where, ImageTag()), track="label")
            except MALFORMED as error:
                yield skipped_for(where, error)
