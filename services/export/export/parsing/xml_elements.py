"""Streaming XML: one element is in memory at a time."""

import io
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import iterparse

from export.parsing.reasons import ReaderError

_DEEPEST = 100


def iterate_elements(content: bytes, *tags: str) -> Iterator[Element]:
    """The outermost elements with one of these tags, in order, with their content; each is cleared when the next one is
    requested.

    Raises:
        ValueError: the data does not follow the format.
    """
    opened: list[Element] = []
    outermost = 0
    try:
        for event, element in iterparse(io.BytesIO(content), ("start", "end"), forbid_dtd=True):
            if event == "start":
                opened.append(element)
                if len(opened) > _DEEPEST:
                    raise ReaderError("nested_too_deeply")
                if not outermost and element.tag in tags:
                    outermost = len(opened)
                continue
            if outermost == len(opened):
                yield element
                outermost = 0
            opened.pop()
            if not outermost:
                _forget(element, opened)
    except (ParseError, LookupError) as error:
        raise ReaderError("invalid_xml") from error


def _forget(element: Element, around: Sequence[Element]) -> None:
    element.clear()
    if around:
        around[-1].remove(element)
