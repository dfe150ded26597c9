"""Errors with codes. The catalogue maps every code to its kind and its English sentence; `problem.py` raises them.

Add a code in the file of its area. The browser's dictionaries are `ui/src/i18n/errors/<language>/<area>.json`, the
English one is generated (`make schemas`), and a test fails on a code without a sentence in both languages.
"""

from common.contract.errors.catalogue import AREAS, CATALOGUE
from common.contract.errors.kinds import ErrorKind, ErrorType
from common.contract.errors.problem import (
    CodedError,
    FieldError,
    Param,
    Params,
    Problem,
    Reason,
    invalid_value,
    message_for,
    reason_for,
)
from common.contract.errors.validation import field_errors, message_of, problem_of, reason_of

__all__ = [
    "AREAS",
    "CATALOGUE",
    "CodedError",
    "ErrorKind",
    "ErrorType",
    "FieldError",
    "Param",
    "Params",
    "Problem",
    "Reason",
    "field_errors",
    "invalid_value",
    "message_for",
    "message_of",
    "problem_of",
    "reason_for",
    "reason_of",
]
