"""Error codes of the ingest service."""

from common.contract.errors.kinds import ErrorType, conflict, invalid, reason

ERRORS: dict[str, ErrorType] = {
    # ---- starting an upload ----
    "idempotency_key_reused": invalid("This Idempotency-Key already started the upload of another file."),
    "unsupported_file_type": invalid("Only JPEG, PNG, MP4, MOV, AVI and WMV files are supported."),
    "file_is_an_image": invalid("{name} is an image, not a video."),
    "file_is_a_video": invalid("{name} is a video, not an image."),
    "file_empty": invalid("The file is empty."),
    "file_too_large": invalid("The file is larger than {limit_bytes} bytes."),
    # ---- its parts ----
    "no_such_part": invalid("This upload has no part {number}."),
    "wrong_part_size": invalid("Part {number} must have {expected_bytes} bytes, not {actual_bytes}."),
    "parts_missing": conflict("{count} parts are missing or incomplete: {parts}."),
    "upload_completed": conflict("This upload is already complete."),
    "upload_aborted": conflict("This upload was canceled."),
    # ---- its content ----
    "file_type_mismatch": invalid("{name} is not a valid {expected} file. It contains {found}."),
    "file_type_unknown": invalid("{name} is not a valid {expected} file. Its content was not recognized."),
    "file_is_text": invalid("{name} is not a valid {expected} file. It contains text."),
    "image_header_damaged": invalid("{name} is damaged: the image size is missing."),
    "too_many_pixels": invalid(
        "{name} has {width} × {height} pixels. At most {limit_megapixels} megapixels are supported."
    ),
    # ---- why a stored file failed ----
    "checksum_mismatch": reason("The file was damaged during the upload: its SHA-256 differs. Upload it again."),
}
