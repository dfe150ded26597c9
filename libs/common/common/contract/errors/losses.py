"""Error codes of what an export could not carry."""

from common.contract.errors.kinds import ErrorType

ERRORS: dict[str, ErrorType] = {}
