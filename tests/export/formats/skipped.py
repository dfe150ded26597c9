"""Checks of the rows that readers skip."""

from collections.abc import Iterable

from common.contract.questions import SkippedRow
from export.parsing.reader import Parsed


def assert_skipped(entries: Iterable[Parsed], where: str, code: str) -> None:
    """Exactly one row is skipped: at a location that starts with `where`, for the reason `code`."""
    (skipped,) = [entry for entry in entries if isinstance(entry, SkippedRow)]
    assert skipped.where.startswith(where)
    assert skipped.reason.code == code
