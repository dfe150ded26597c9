"""Error codes of the export service."""

from common.contract.errors.kinds import ErrorType

ERRORS: dict[str, ErrorType] = {}
