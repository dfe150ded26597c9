"""Error codes of the frames service."""

from common.contract.errors.kinds import ErrorType

ERRORS: dict[str, ErrorType] = {}
