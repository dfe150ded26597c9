"""Error codes of the gateway service."""

from common.contract.errors.kinds import ErrorType

ERRORS: dict[str, ErrorType] = {}
