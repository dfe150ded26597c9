"""CSV (RFC 4180, UTF-8) that spreadsheets open without running anything (OWASP, "CSV Injection").

csv_bytes([("name", "objects"), (guard_formula(name), 3)])
csv_chunks(rows)                   # a file of any length, some rows at a time
unguard_formula(cell)              # the text as it was before `guard_formula`
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

_ROWS_PER_CHUNK = 1024
# A text that begins like a formula gets a tab in front. The tab itself is among them, so that taking one off restores
# every text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

Cell = str | float | None


def csv_bytes(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Rows as lines of a file."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def csv_chunks(rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """A file as chunks of some rows each."""
    remaining = iter(rows)
    while chunk := list(islice(remaining, _ROWS_PER_CHUNK)):
        yield csv_bytes(chunk)


def guard_formula(text: str) -> str:
    """The text, with a tab in front if a spreadsheet would run it as a formula."""
    return f"\t{text}" if text.startswith(_FORMULA) else text


def unguard_formula(cell: str) -> str:
    """The text that `guard_formula` made the cell of."""
    return cell.removeprefix("\t")
