"""Error codes of all services."""

from common.contract.errors.kinds import ErrorKind, ErrorType, bad_request, conflict, invalid, not_found, reason

_NOUNS = {
    "account": "account",
    "category": "category",
    "export": "export",
    "frame": "frame",
    "import": "import",
    "medium": "file",
    "member": "member",
    "mission": "mission",
    "model": "model",
    "object": "object",
    "project": "project",
    "run": "run",
    "segment": "segment",
    "session": "session",
    "snapshot": "snapshot",
    "subscriber": "subscriber",
    "suggestion": "suggestion",
    "token": "token",
    "upload": "upload",
    "version": "dataset version",
}

# Pydantic's error types are codes; their context becomes the params.
_VALIDATION: dict[str, ErrorType] = {
    "missing": invalid("This field is required."),
    "extra_forbidden": invalid("There is no field of this name."),
    "unknown_parameter": invalid("There is no query parameter of this name."),
    "string_type": invalid("This must be text."),
    "string_too_short": invalid("This must have at least {min_length} characters."),
    "string_too_long": invalid("This must have at most {max_length} characters."),
    "string_pattern_mismatch": invalid("This does not have the expected form ({pattern})."),
    "int_type": invalid("This must be an integer."),
    "int_parsing": invalid("This must be an integer."),
    "int_from_float": invalid("This must be an integer."),
    "float_type": invalid("This must be a number."),
    "float_parsing": invalid("This must be a number."),
    "finite_number": invalid("This must be a finite number."),
    "bool_type": invalid("This must be true or false."),
    "bool_parsing": invalid("This must be true or false."),
    "list_type": invalid("This must be a list."),
    "dict_type": invalid("This must be an object."),
    "model_type": invalid("This must be an object."),
    "model_attributes_type": invalid("This must be an object."),
    "literal_error": invalid("This must be {expected}."),
    "enum": invalid("This must be {expected}."),
    "greater_than": invalid("This must be greater than {gt}."),
    "greater_than_equal": invalid("This must be at least {ge}."),
    "less_than": invalid("This must be less than {lt}."),
    "less_than_equal": invalid("This must be at most {le}."),
    "too_short": invalid("This needs at least {min_length} entries."),
    "too_long": invalid("This may have at most {max_length} entries."),
    "union_tag_invalid": invalid("{tag} is not one of {expected_tags}."),
    "union_tag_not_found": invalid("The field {discriminator} is required."),
    "json_invalid": invalid("This is not valid JSON."),
    "datetime_parsing": invalid("This must be a date and time."),
    "date_from_datetime_parsing": invalid("This must be a date."),
    "invalid_value": invalid("This value is not valid."),
}

_EXTERNAL: dict[str, ErrorType] = {
    "external_address_not_public": invalid("“{host}” is not a public address, and is not allowed here."),
    "external_access_denied": invalid("{host}: these keys are not allowed to do this."),
    "external_unknown_access_key": invalid("{host}: the access key is unknown."),
    "external_wrong_secret_key": invalid("{host}: the secret key does not match the access key."),
    "external_no_such_bucket": invalid("{host}: there is no such bucket."),
    "external_wrong_region": invalid("{host}: the bucket is in another region."),
    "external_no_such_file": invalid("{host}: there is no file {file}."),
    "external_not_s3": invalid("{host} did not answer like an S3 endpoint."),
    "external_refused_with": invalid("{host} answered {answer}."),
    "external_refused": invalid("{host} refused the request."),
}

# Of files that are decoded in a process with limits.
_LIMITS: dict[str, ErrorType] = {
    "memory_limit_exceeded": reason("Decoding this file takes more than {limit_mb} MB of memory."),
    "cpu_limit_exceeded": reason("Decoding this file takes more than {limit_s} seconds of processor time."),
    "time_limit_exceeded": reason("Decoding this file takes more than {limit_s} seconds."),
}

_GEOMETRY: dict[str, ErrorType] = {
    "bitmap_size_negative": reason("Width and height of a bitmap must not be negative."),
    "bitmap_pixels_exceeded": reason(
        "A bitmap of {width} × {height} pixels is too large; at most {limit} are allowed."
    ),
    "bitmap_run_negative": reason("The runs of a bitmap must not be negative."),
    "bitmap_runs_incomplete": reason("The runs of a bitmap of {width} × {height} pixels add up to {total}."),
    "shape_without_area": reason("A shape of type “{kind}” has no area."),
    "mask_corners_exceeded": reason("The outline of the mask has {count} corners; at most {limit} are allowed."),
}

ERRORS: dict[str, ErrorType] = {
    **{f"{code}_not_found": not_found(noun) for code, noun in _NOUNS.items()},
    **_VALIDATION,
    **_EXTERNAL,
    **_LIMITS,
    **_GEOMETRY,
    "invalid_request": invalid("The request is not valid."),
    "object_too_large": invalid("This would be larger than {limit_gb} GB. Choose fewer files at a time."),
    "invalid_cursor": invalid("This is not a cursor that this list returned."),
    "bad_request": bad_request("The request cannot be understood."),
    "changed_meanwhile": conflict("Someone else changed this in the meantime. Reload and try again."),
    "internal_error": ErrorType(ErrorKind.INTERNAL, "Something went wrong. It has been logged."),
    "service_unavailable": ErrorType(ErrorKind.UNAVAILABLE, "The {service} service is not running. Try again shortly."),
    "service_timed_out": ErrorType(ErrorKind.TIMED_OUT, "The {service} service did not answer in time."),
}
