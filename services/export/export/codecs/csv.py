"""Tables as comma-separated values (RFC 4180, UTF-8)."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

_ROWS_AT_ONCE = 1024
# What a spreadsheet takes for the beginning of a formula. A tab is among them, so that one tab can be taken off again.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows as they stand in a file."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def csv_chunks(rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """A file of any number of rows, some rows at a time."""
    left = iter(rows)
    while some := list(islice(left, _ROWS_AT_ONCE)):
        yield csv_text(some)


def inert(text: str) -> str:
    """Text that no spreadsheet runs: with a tab before it where it would be a formula."""
    return f"\t{text}" if text.startswith(_FORMULA) else text
