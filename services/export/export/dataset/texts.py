"""Names and texts made safe for plain text files and paths."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import count, islice

from export.dataset.loss_report import LossReport
from export.dataset.safe_names import safe_path

REPLACED = "names_replaced"
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_DASHES = re.compile(r"-{2,}")
_SLASHES = re.compile(r"[/\\]")

Safe = Callable[[str], str]
_LINES_AT_ONCE = 1024


def in_batches(lines: Iterable[str]) -> Iterator[bytes]:
    """Lines as chunks of a file."""
    left = iter(lines)
    while some := list(islice(left, _LINES_AT_ONCE)):
        yield "".join(some).encode()


def two_decimals(value: float) -> str:
    """A number with two decimals; 0 has no sign."""
    return f"{round(value, 2) + 0.0:.2f}"


def unbroken(text: str) -> str:
    """Text without line breaks and other control characters."""
    return _BREAKS.sub(" ", text)


def one_line(text: str) -> str:
    """Text without line breaks, other control characters and blanks around it."""
    return unbroken(text).strip() or "_"


def one_word(text: str) -> str:
    """Text without blanks."""
    return _BLANKS.sub("_", text)


def one_part(text: str) -> str:
    """Text without blanks, slashes and double dashes: one part of a file name."""
    return _DASHES.sub("-", folder_name(one_word(text)))


def folder_name(text: str) -> str:
    """Text as the name of one folder."""
    return safe_path(_SLASHES.sub("_", text))


class ClassNames:
    """Unique class names that a format can hold; `folders` differ also where case is ignored. A changed name is
    reported."""

    def __init__(self, report: LossReport, safe: Safe, reserved: Iterable[str] = (), *, folders: bool = False) -> None:
        self._report = report
        self._safe = safe
        self._fold: Safe = str.casefold if folders else str
        self._taken = set(map(self._fold, reserved))
        self._names: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The name in the format of the class `name`."""
        found = self._names.get(name)
        if found is None:
            found = self._names[name] = self._free(self._safe(name))
            self._report.add(REPLACED, found != name)
        return found

    def _free(self, name: str) -> str:
        chosen = name
        for number in count(2):
            if self._fold(chosen) not in self._taken:
                break
            chosen = f"{name}_{number}"
        self._taken.add(self._fold(chosen))
        return chosen


def clean(text: str, safe: Safe, report: LossReport) -> str:
    """`text` made safe; a change is reported."""
    found = safe(text)
    report.add(REPLACED, found != text)
    return found
