"""Tables as CSV (RFC 4180) that a spreadsheet can open without running anything."""

import csv
import io
from collections.abc import Iterable, Sequence

# What makes a spreadsheet take a text for a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
Cell = str | float | None


def csv_lines(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Rows as lines of CSV. A text that a spreadsheet would calculate gets an apostrophe before it."""
    text = io.StringIO()
    csv.writer(text).writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
