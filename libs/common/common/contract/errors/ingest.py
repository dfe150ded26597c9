"""Error codes of the ingest service."""

from common.contract.errors.kinds import ErrorType

ERRORS: dict[str, ErrorType] = {}
