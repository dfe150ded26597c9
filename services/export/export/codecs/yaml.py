"""YAML as data sets are described in, read: maps, lists and scalars, in blocks or in brackets. Every scalar stays text,
so that a class may be called `no` or `007`. Anchors and tags are refused."""

import re
from typing import NamedTuple, TypeAlias

from export.codecs.yaml_scalars import scalar

Value: TypeAlias = "str | list[Value] | dict[str, Value] | None"
_DEEPEST = 8
_LONGEST = 4 << 20
_KEY = re.compile(
    r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^ \t\n"'\[\]{},#&*!|>%@`-][^\n]*?|-[^ \t\n][^\n]*?)[ \t]*:(?=[ \t\n]|$)"""
)
_ITEM = re.compile(r"-(?=[ \t\n]|$)[ \t]*")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_SINGLE = re.compile(r"'((?:[^']|'')*)'")
_PLAIN = re.compile(r"(?:[^ \t\n#:]|(?<![ \t\n])#|:(?=[^ \t\n])|[ \t]+(?![# \t\n]))+")
_PLAIN_IN_BRACKETS = re.compile(r"(?:[^ \t\n,\[\]{}#:]|(?<=[^ \t\n])#|:(?=[^ \t\n,\[\]{}])|[ \t\n]+(?![# \t\n,\]}]))+")
_NOTHING = re.compile(r"(?:[ \t\n]|(?<![^ \t\n])#[^\n]*)*")
_NOTHING_OF_LINE = re.compile(r"[ \t]*(?:(?<![^ \t\n])#[^\n]*)?")
_REST = re.compile(r"[ \t]*(?:(?<![^ \t\n])#[^\n]*)?$", re.MULTILINE)


class _Line(NamedTuple):
    begin: int
    indent: int


def parsed(text: str) -> Value:
    """What a file says.

    Raises:
        ValueError: it is not so written, or in a way that is not known here.
    """
    if len(text) > _LONGEST:
        raise ValueError("it is too long")
    return _Text(text.replace("\r\n", "\n")).value()


class _Text:
    """A file, read line by line from the top."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines: list[_Line] = []
        self._at = 0
        begin = 0
        for line in text.split("\n"):
            told = line.lstrip(" ")
            if told.strip(" \t") and told[0] not in "#%" and told.rstrip(" \t") not in ("---", "..."):
                self._lines.append(_Line(begin + len(line) - len(told), len(line) - len(told)))
            begin += len(line) + 1

    def value(self) -> Value:
        """All of it."""
        found = self._block(0) if self._lines else None
        if self._at < len(self._lines):
            raise self._fault()
        return found

    def _fault(self) -> ValueError:
        begin = self._lines[min(self._at, len(self._lines) - 1)].begin
        return ValueError(f"line {self._text.count(chr(10), 0, begin) + 1} is not known as YAML")

    def _block(self, depth: int) -> Value:
        """The map or list that begins with the next line."""
        if depth > _DEEPEST:
            raise self._fault()
        line = self._lines[self._at]
        if self._text[line.begin] in "[{":
            value, end = self._bracketed(line.begin, depth)
            self._pass(end)
            return value
        return self._list(line.indent, depth) if self._is_item(line) else self._map(line.indent, depth)

    def _is_item(self, line: _Line) -> bool:
        return _ITEM.match(self._text, line.begin) is not None

    def _next(self) -> _Line | None:
        return self._lines[self._at] if self._at < len(self._lines) else None

    def _map(self, indent: int, depth: int) -> dict[str, Value]:
        found: dict[str, Value] = {}
        while (line := self._next()) and line.indent == indent and not self._is_item(line):
            key = _KEY.match(self._text, line.begin)
            if key is None:
                raise self._fault()
            found[scalar(key[1])] = self._after(key.end(), indent, depth)
        return found

    def _list(self, indent: int, depth: int) -> list[Value]:
        found: list[Value] = []
        while (line := self._next()) and line.indent == indent and (item := _ITEM.match(self._text, line.begin)):
            begin = item.end()
            if _KEY.match(self._text, begin) or _ITEM.match(self._text, begin):
                self._lines[self._at] = _Line(begin, indent + begin - line.begin)
                found.append(self._block(depth + 1))
            else:
                found.append(self._after(begin, indent, depth))
        return found

    def _after(self, begin: int, indent: int, depth: int) -> Value:
        """What comes after `key:` or `-`, on this line or on those below it."""
        rest = _NOTHING_OF_LINE.match(self._text, begin)
        begin = rest.end() if rest else begin
        sign = self._text[begin : begin + 1]
        if sign in ("", "\n"):
            self._at += 1
            line = self._next()
            is_below = line is not None and (line.indent > indent or (line.indent == indent and self._is_item(line)))
            return self._block(depth + 1) if is_below and line and not self._is_inside_list(line, indent) else None
        if sign in "&*!%@`":
            raise self._fault()
        if sign in "|>":
            self._leave(indent)
            return ""
        if sign in "[{\"'":
            value, end = self._bracketed(begin, 0)
            self._pass(end)
            return value
        return self._plain(begin, indent)

    def _is_inside_list(self, line: _Line, indent: int) -> bool:
        """Whether a line of equal indent is the next item of the list that is being read, not a list of its own."""
        before = self._lines[self._at - 1]
        return line.indent == indent and self._is_item(before) and before.indent == indent

    def _leave(self, indent: int) -> None:
        self._at += 1
        while (line := self._next()) and line.indent > indent:
            self._at += 1

    def _plain(self, begin: int, indent: int) -> str:
        """Words up to the end of the line, or of those below it that are indented more."""
        words = []
        while True:
            found = _PLAIN.match(self._text, begin)
            if found is None or not _REST.match(self._text, found.end()):
                raise self._fault()
            words.append(found[0])
            self._at += 1
            line = self._next()
            if line is None or line.indent <= indent:
                return " ".join(words)
            begin = line.begin

    def _pass(self, end: int) -> None:
        """Go on below the line where a value ended."""
        if not _REST.match(self._text, end):
            raise self._fault()
        while (line := self._next()) and line.begin < end:
            self._at += 1

    def _bracketed(self, begin: int, depth: int) -> tuple[Value, int]:
        """A value in brackets, in quotes, or within brackets; and where it ends."""
        sign = self._text[begin : begin + 1]
        if depth > _DEEPEST:
            raise self._fault()
        if sign == "[":
            return self._items(begin + 1, depth)
        if sign == "{":
            return self._pairs(begin + 1, depth)
        form = {'"': _DOUBLE, "'": _SINGLE}.get(sign, _PLAIN_IN_BRACKETS)
        found = form.match(self._text, begin)
        if found is None:
            raise self._fault()
        return scalar(found[0]), found.end()

    def _skip(self, begin: int) -> int:
        found = _NOTHING.match(self._text, begin)
        return found.end() if found else begin

    def _items(self, at: int, depth: int) -> tuple[list[Value], int]:
        found: list[Value] = []
        while self._text[(at := self._skip(at)) : at + 1] != "]":
            value, at = self._bracketed(at, depth + 1)
            found.append(value)
            at = self._behind(at, "]")
        return found, at + 1

    def _pairs(self, at: int, depth: int) -> tuple[dict[str, Value], int]:
        found: dict[str, Value] = {}
        while self._text[(at := self._skip(at)) : at + 1] != "}":
            key, at = self._bracketed(at, depth + 1)
            at = self._skip(at)
            if self._text[at : at + 1] != ":" or not isinstance(key, str):
                raise self._fault()
            found[key], at = self._bracketed(self._skip(at + 1), depth + 1)
            at = self._behind(at, "}")
        return found, at + 1

    def _behind(self, at: int, end: str) -> int:
        """Behind the comma after a member, or before the bracket that ends them."""
        at = self._skip(at)
        sign = self._text[at : at + 1]
        if sign not in (",", end) or not sign:
            raise self._fault()
        return at + 1 if sign == "," else at
