"""Error codes of the gateway service: HTTP, sign-in, projects and the requests it checks itself."""

from common.contract.errors.kinds import (
    ErrorKind,
    ErrorType,
    bad_request,
    conflict,
    forbidden,
    invalid,
    not_found,
    reason,
)

_HTTP: dict[str, ErrorType] = {
    "route_not_found": ErrorType(ErrorKind.NOT_FOUND, "There is nothing at this address."),
    "method_not_allowed": ErrorType(ErrorKind.METHOD_NOT_ALLOWED, "This address does not support this method."),
    "request_aborted": bad_request("The connection was closed before the whole request arrived."),
    "request_timed_out": ErrorType(ErrorKind.TOO_SLOW, "The request did not arrive in time."),
    "body_too_large": ErrorType(ErrorKind.TOO_LARGE, "A request body may have at most {limit_mb} MB."),
    "body_longer_than_declared": bad_request("The body is longer than its Content-Length."),
    "body_shorter_than_declared": bad_request("The body is shorter than its Content-Length."),
    "length_required": ErrorType(ErrorKind.LENGTH_REQUIRED, "Send the body with a Content-Length."),
    "json_required": ErrorType(ErrorKind.UNSUPPORTED_MEDIA_TYPE, "Send JSON with Content-Type: application/json."),
    "body_required": invalid("Send the file as the request body."),
    "file_required": invalid("Choose a file."),
    "json_too_deep": invalid("JSON may be nested at most {limit} levels deep."),
    "json_too_many_names": invalid("A JSON object may have at most {limit} names."),
    "json_too_many_items": invalid("A JSON list may have at most {limit} entries."),
    "batch_size": invalid("This must be a list of 1 to {limit} entries."),
    "cross_site_request": forbidden("This request came from another site."),
}

_UNAVAILABLE: dict[str, ErrorType] = {
    "message_bus_unavailable": ErrorType(ErrorKind.UNAVAILABLE, "NATS cannot be reached. Try again shortly."),
    "database_unavailable": ErrorType(ErrorKind.UNAVAILABLE, "The database cannot be reached. Try again shortly."),
    "object_store_unavailable": ErrorType(
        ErrorKind.UNAVAILABLE, "The object store cannot be reached. Try again shortly."
    ),
    "object_store_refused": ErrorType(ErrorKind.UNAVAILABLE, "The object store answered {answer}. Try again shortly."),
    "live_stream_starting": ErrorType(ErrorKind.UNAVAILABLE, "The live stream is starting. Try again shortly."),
}

_ACCOUNTS: dict[str, ErrorType] = {
    "not_signed_in": ErrorType(ErrorKind.UNAUTHENTICATED, "Sign in, or send a bearer token."),
    "session_expired": ErrorType(ErrorKind.UNAUTHENTICATED, "Your session has expired. Sign in again."),
    "invalid_token": ErrorType(ErrorKind.UNAUTHENTICATED, "This token is not valid or has expired."),
    "wrong_credentials": ErrorType(ErrorKind.UNAUTHENTICATED, "The email or password is wrong."),
    "too_many_attempts": ErrorType(ErrorKind.RATE_LIMITED, "Too many attempts. Try again in {seconds} s."),
    "email_not_verified": forbidden(
        "Verify your email first: click the button in the email we sent you. Check your spam folder, too. "
        "Questions? {support}"
    ),
    "invalid_email": invalid("This is not a valid email address."),
    "email_taken": conflict("An account with this email already exists. Sign in, or request a new verification email."),
    "passwords_differ": invalid("The passwords do not match."),
    "terms_not_accepted": invalid("Accept the terms of use, version {version}."),
    "verification_link_expired": ErrorType(
        ErrorKind.GONE,
        "This link is invalid or has expired. Request a new email on the sign-in page. Questions? {support}",
    ),
    "sign_up_email_failed": ErrorType(
        ErrorKind.UNAVAILABLE,
        "We could not send the verification email, so no account was created. Try again later, or write to {support}.",
    ),
    "verification_email_failed": ErrorType(
        ErrorKind.UNAVAILABLE, "We could not send the verification email. Try again later, or write to {support}."
    ),
    "superuser_required": forbidden("Only superusers can do this."),
}

_PROJECTS: dict[str, ErrorType] = {
    "role_not_allowed": forbidden("Your role in this project ({role}) does not allow this action ({action})."),
    "own_work_only": forbidden("Only owners and admins can see the working time of others."),
    "no_verified_account": invalid("No verified account has this email."),
    "owner_role_fixed": conflict("The owner's role cannot be changed."),
    "settings_changed": conflict("The settings have changed and are now at revision {revision}."),
    "too_many_shortcut_keys": invalid("At most {limit} shortcut keys."),
    "media_not_in_project": invalid("Not in this project: {media}"),
}

_WORK: dict[str, ErrorType] = {
    "frame_count_unknown": conflict("The number of frames is not known yet. Specify `last`."),
    "batch_not_applied": reason("Not applied because another edit of the batch failed."),
    "model_required": invalid("Choose a model. GET /models lists them."),
    "run_media_required": invalid("Choose the files to process."),
    "object_required": invalid("Choose the object to track."),
    "tracking_range_required": invalid("Specify the keyframes to track between: `first` and `last`."),
    "no_detector": conflict("No detector is installed that could track the object."),
    "upload_closed": conflict("This upload is already completed or cancelled."),
    "export_in_external_bucket": conflict("This archive was written to {endpoint}."),
    "export_not_ready": conflict("The archive is not available: the export is {state}."),
}

_NOT_FOUND: dict[str, ErrorType] = {
    "clip_not_found": not_found("clip"),
    "dead_letter_not_found": not_found("dead letter"),
    "event_type_not_found": not_found("event type"),
    "stored_file_not_found": ErrorType(ErrorKind.NOT_FOUND, "This file is not available yet, or it was deleted."),
}

_SUBSCRIBERS: dict[str, ErrorType] = {
    "subscribers_not_configured": ErrorType(
        ErrorKind.NOT_CONFIGURED,
        "Subscribers are not set up: TRACKLANE_NATS_ISSUER_SEED or TRACKLANE_NATS_DELIVERY_URL is missing.",
    ),
    "subscriber_request_too_large": invalid("A request may have at most {limit} bytes."),
    "too_many_reads": ErrorType(ErrorKind.RATE_LIMITED, "At most {limit} reads of a subscriber can wait at once."),
}

ERRORS: dict[str, ErrorType] = {
    **_HTTP,
    **_UNAVAILABLE,
    **_ACCOUNTS,
    **_PROJECTS,
    **_WORK,
    **_NOT_FOUND,
    **_SUBSCRIBERS,
}
