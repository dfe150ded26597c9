"""Rows of CSV files."""

import csv
import io
from collections.abc import Iterator

from export.parsing.archive_reader import LARGEST_FILE

# Cells with many points are longer than the default limit.
csv.field_size_limit(LARGEST_FILE)


def csv_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """The non-empty rows, numbered from 1. The delimiter is a comma, or else a semicolon or a tab, as spreadsheets
    in some locales write it. A malformed row is empty."""
    text = io.TextIOWrapper(io.BytesIO(content), "utf-8", errors="replace", newline="")
    reader = csv.reader(text, delimiter=_delimiter(content[: content.find(b"\n") + 1] or content[:4096]))
    number = 0
    while True:
        number += 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            row = []
            yield number, row
            continue
        if row:
            yield number, row


def _delimiter(line: bytes) -> str:
    if b"," in line:
        return ","
    return ";" if b";" in line else "\t" if b"\t" in line.strip() else ","


def untabbed(cell: str) -> str:
    """A cell without the tab that keeps spreadsheets from running it as a formula."""
    return cell.removeprefix("\t")
