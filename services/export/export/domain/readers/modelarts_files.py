"""The label files of ModelArts: VOC XML of what is drawn on a picture, and labels of pictures, one a line."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from xml.etree.ElementTree import Element

from common.contract.questions import SkippedRow
from common.geometry.types import ImageTag
from export.domain.readers.vocshapes import attributes_of, geometry_of, is_set, name_of, number, text
from export.domain.reading.bundle import Bundle
from export.domain.reading.format import Found
from export.domain.reading.frames import Frames, Missing
from export.domain.reading.labelfiles import LabelFile, place_of
from export.domain.reading.matching import Place
from export.domain.reading.said import FAULTS, fault, value_of
from export.domain.reading.sightings import Sighting
from export.domain.reading.xmlelements import elements

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
            except FAULTS as error:
                yield SkippedRow(where=where, why=fault(error))
    except ValueError as error:
        yield SkippedRow(where=name, why=fault(error))


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
            except FAULTS as error:
                yield SkippedRow(where=where, why=fault(error))
