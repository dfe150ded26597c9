"""Error codes of the frames service, and of media that cannot be decoded."""

from common.contract.errors.kinds import ErrorType, conflict, reason

ERRORS: dict[str, ErrorType] = {
    # ---- frames as images ----
    "frame_not_decodable": conflict("This frame cannot be decoded."),
    "file_failed": conflict("This file could not be processed."),
    "frames_not_counted": conflict("The frames of this file are still being counted. Try again shortly."),
    # ---- why a file failed ----
    "processing_failed_repeatedly": reason("The file could not be processed after several attempts."),
    "no_decodable_frame": reason("The file has no frame that can be decoded."),
    "not_a_readable_video": reason("The video cannot be read: {error}."),
    "no_video_stream": reason("The file contains no video."),
    "unknown_video_codec": reason("The video uses an unsupported codec."),
    "clip_not_decodable": reason("Clip {clip} cannot be decoded."),
    "image_truncated": reason("The image is truncated: the end of its data is missing."),
    "image_not_decodable": reason("The image cannot be decoded."),
    "image_not_encodable": reason("An image of {width} × {height} pixels cannot be saved as {format}."),
}
