"""Text for XML: escaped, and without the characters that XML cannot hold."""

import re
from functools import lru_cache
from xml.sax.saxutils import escape

from export.dataset.loss_report import LossReport
from export.dataset.texts import REPLACED

DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Readers turn a line break in quotes into a blank, and a carriage return into a line break, unless they are escaped.
_QUOTED = {'"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


def xml_text(value: str, report: LossReport) -> str:
    """`value` escaped for text and double quotes; characters that XML cannot hold are reported and become U+FFFD."""
    text, replaced = _escaped(value)
    if replaced:
        report.add(REPLACED, replaced)
    return text


def value_text(value: str | bool | float) -> str:
    """The value of an attribute as text that readers convert back: booleans as `true` and `false`, integers without a
    decimal point."""
    match value:
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
    return str(value)


@lru_cache(4096)
def _escaped(value: str) -> tuple[str, int]:
    clean, replaced = _FORBIDDEN.subn("�", value)
    return escape(clean, _QUOTED), replaced
