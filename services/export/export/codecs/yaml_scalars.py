"""The scalars of YAML, read: what is in quotes, and what stands for characters there."""

import re

_FOLD = re.compile(r"[ \t]*\n[ \t\n]*")
_ESCAPED = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\n[ \t]*|.)|[ \t]*\n[ \t\n]*", re.DOTALL)
_SIGNS = {"0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b"}
_MORE_SIGNS = {"N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029", '"': '"', "/": "/", "\\": "\\", " ": " "}


def scalar(text: str) -> str:
    """The text that a scalar stands for, in quotes or not; lines are joined by blanks."""
    if text[:1] == '"':
        return _whole(_ESCAPED.sub(_unescaped, text[1:-1]))
    if text[:1] == "'":
        return _FOLD.sub(" ", text[1:-1].replace("''", "'"))
    return _FOLD.sub(" ", text)


def _unescaped(found: re.Match[str]) -> str:
    sign = found[1]
    if sign is None:
        return " "
    if sign[0] in "xuU" and len(sign) > 1:
        return chr(int(sign[1:], 16))
    return "" if sign[0] == "\n" else {**_SIGNS, **_MORE_SIGNS}.get(sign, sign)


def _whole(text: str) -> str:
    """The text with halves of characters joined; those without another half are replaced."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
