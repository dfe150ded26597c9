"""Error codes of skipped import rows and failed imports."""

from common.contract.errors.kinds import ErrorType

ERRORS: dict[str, ErrorType] = {}
