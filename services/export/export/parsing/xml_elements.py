"""XML files, read element by element: however large a file is, one element is held at a time."""

import io
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import iterparse

from export.parsing.reasons import ReaderError

_DEEPEST = 100


def iterate_elements(content: bytes, *tags: str) -> Iterator[Element]:
    """Every element that is called like one of `tags`, but for those within another such, in order and with what it
    holds; it is emptied when the next one is asked for.

    Raises:
        ValueError: from here on the file is no XML, or it defines entities, or it is nested too deeply.
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
