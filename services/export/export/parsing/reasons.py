"""Why an entry of an archive did not become an object: coded reasons, and the errors that carry them."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import ValidationError

from common.contract.errors import CodedError, Param, Reason, reason_for
from common.contract.errors import reason_of as reason_of_field
from common.contract.questions import SkippedRow
from export.parsing.reader import Parsed


class ReaderError(CodedError, ValueError):
    """A file or an entry of it does not follow its format."""


# Errors while reading data of other programs: wrong types, missing fields, numbers out of range.
MALFORMED = (ValueError, TypeError, KeyError, AttributeError, IndexError, ArithmeticError)
_NOT_A_FLOAT = re.compile(r"could not convert string to float: '(?P<value>.*)'", re.DOTALL)
_NOT_AN_INTEGER = re.compile(r"invalid literal for int\(\) with base 10: '(?P<value>.*)'", re.DOTALL)
_LONGEST_VALUE = 100


def skipped(where: str, code: str, /, *, entries: int = 1, **params: Param) -> SkippedRow:
    """A skipped row with the reason `code`, for one or several `entries`."""
    return SkippedRow(where=where, reason=reason_for(code, **params), count=entries)


def skipped_for(where: str, error: Exception) -> SkippedRow:
    """A skipped row with the reason for an error; `where` names the field at fault too, if that is known."""
    if isinstance(error, ValidationError):
        field = ".".join(map(str, error.errors(include_url=False)[0]["loc"]))
        where = f"{where}, {field}" if field else where
    return SkippedRow(where=where, reason=reason_of(error))


def or_skipped(where: str, read: Callable[..., Iterator[Parsed]], /, *arguments: Any) -> Iterator[Parsed]:
    """The items of `read(*arguments)` for the entry at `where`; if the entry is malformed, a skipped row."""
    try:
        yield from read(*arguments)
    except MALFORMED as error:
        yield skipped_for(where, error)


def reason_of(error: Exception) -> Reason:
    """The reason of an error."""
    if isinstance(error, CodedError):
        return error.reason
    if isinstance(error, ValidationError):
        return reason_of_field(error.errors(include_url=False)[0])
    if isinstance(error, KeyError):
        return reason_for("field_missing", field=str(error.args[0])[:_LONGEST_VALUE])
    for pattern, code in ((_NOT_A_FLOAT, "not_a_number"), (_NOT_AN_INTEGER, "not_an_integer")):
        if found := pattern.fullmatch(str(error)):
            return reason_for(code, value=found["value"][:_LONGEST_VALUE])
    return reason_for("row_malformed")
