"""The attribute text of LabelMe XML: `name=value, name=value`."""

import math
import re

_TOKEN = re.compile(
    r'\\(?P<escaped>.)|(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<special>[=,])|(?P<plain>[^\\=,"]+|.)', re.DOTALL
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)

Value = str | bool | float


def attributes_of(text: str) -> dict[str, Value]:
    """Names and values; special characters are escaped by a backslash, quoted values are text, a bare name is true."""
    attributes: dict[str, Value] = {}
    name: str | None = None
    raw, is_text = "", False
    for token in [*_TOKEN.finditer(text), None]:
        special = "," if token is None else token["special"]
        if token is not None and (special is None or (special == "=" and name is not None)):
            is_text |= token["quoted"] is not None
            raw += _read(token)
        elif special == "=":
            name, raw, is_text = raw.removeprefix(" ") if attributes else raw, "", False
        else:
            if name is not None:
                attributes[name] = raw if is_text else _value(raw.strip())
            elif raw.strip():
                attributes[raw.strip()] = True
            name, raw, is_text = None, "", False
    return attributes


def _read(token: re.Match[str]) -> str:
    if token["quoted"] is not None:
        return _ESCAPED.sub(r"\g<1>", token["quoted"][1:-1])
    return token["escaped"] or token["plain"] or token["special"] or ""


def _value(raw: str) -> Value:
    if raw.lower() in ("true", "false"):
        return raw.lower() == "true"
    try:
        number = float(raw)
    except ValueError:
        return raw
    return number if math.isfinite(number) else raw
