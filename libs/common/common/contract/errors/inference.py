"""Error codes of the inference service."""

from common.contract.errors.kinds import ErrorType

ERRORS: dict[str, ErrorType] = {}
