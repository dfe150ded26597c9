"""Error codes of exports and dataset versions."""

from common.contract.errors.kinds import ErrorType, reason

ERRORS: dict[str, ErrorType] = {
    "export_failed_repeatedly": reason("The archive could not be written after several attempts."),
}
