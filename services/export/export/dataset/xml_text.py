"""Text for XML: escaped, and without the characters that XML cannot hold."""

import re
from functools import lru_cache
from xml.sax.saxutils import escape

from export.dataset.loss_report import LossReport
from export.dataset.texts import REPLACED

DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A reader takes a line's end inside of quotes for a blank, and a carriage return for a line's end, if they are not
# written as numbers.
_QUOTED = {'"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


def xml_text(value: str, report: LossReport) -> str:
    """`value` as it stands between tags or in double quotes; what XML cannot hold is reported and becomes U+FFFD."""
    text, replaced = _escaped(value)
    if replaced:
        report.add(REPLACED, replaced)
    return text


def value_text(value: str | bool | float) -> str:
    """The value of an attribute in words that readers turn back: yes and no as `true` and `false`, whole numbers
    without a point."""
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
