"""CSV (RFC 4180, UTF-8) that is safe to open in spreadsheets (OWASP, "CSV Injection").

csv_bytes([("name", "objects"), (guard_formula(name), 3)])
csv_chunks(rows)                   # a file of any length, in chunks of rows
unguard_formula(cell)              # the text before `guard_formula`
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

_ROWS_PER_CHUNK = 1024
# A text that starts like a formula is prefixed with a tab. Texts that start with a tab are, too, so that removing one
# tab restores every text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

Cell = str | float | None


def csv_bytes(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Rows as CSV."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def csv_chunks(rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """A CSV file in chunks of rows."""
    remaining = iter(rows)
    while chunk := list(islice(remaining, _ROWS_PER_CHUNK)):
        yield csv_bytes(chunk)


def guard_formula(text: str) -> str:
    """The text, prefixed with a tab if a spreadsheet would evaluate it as a formula."""
    return f"\t{text}" if text.startswith(_FORMULA) else text


def unguard_formula(cell: str) -> str:
    """The original text of a cell written by `guard_formula`."""
    return cell.removeprefix("\t")
