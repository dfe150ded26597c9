"""Error codes of the annotation service."""

from common.contract.errors.kinds import ErrorType

ERRORS: dict[str, ErrorType] = {}
