"""Error codes of the gateway service."""

from common.contract.errors.kinds import ErrorKind, ErrorType, invalid

ERRORS: dict[str, ErrorType] = {
    "subscribers_not_configured": ErrorType(
        ErrorKind.NOT_CONFIGURED,
        "Subscribers are not set up: TRACKLANE_NATS_ISSUER_SEED or TRACKLANE_NATS_DELIVERY_URL is missing.",
    ),
    "subscriber_request_too_large": invalid("A request may have at most {limit} bytes."),
    "too_many_reads": ErrorType(ErrorKind.RATE_LIMITED, "At most {limit} reads of a subscriber can wait at once."),
}
