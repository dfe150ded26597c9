"""Error codes of the inference service."""

from common.contract.errors.kinds import ErrorType, conflict, invalid, reason

ERRORS: dict[str, ErrorType] = {
    # ---- starting a run ----
    "unknown_model": invalid("There is no model {model}. Available models: {available}."),
    "no_such_clips": invalid("None of the files has these clips."),
    "file_not_ready": conflict("{name} is still being processed. Try again when it is ready."),
    "file_not_usable": invalid("{name} cannot be used. {reason}"),
    # ---- starting quick label ----
    "quick_label_needs_object": invalid("Quick label needs an object."),
    "quick_label_needs_one_file": invalid("Quick label works on one file."),
    "quick_label_needs_box": invalid("Quick label only tracks boxes, not {annotation_type}."),
    "quick_label_needs_keyframes": conflict(
        "Draw the box on at least two frames. Quick label fills the frames between them."
    ),
    "keyframe_not_manual": invalid("The box has no manual keyframe on frame {frame}."),
    "keyframes_too_far_apart": invalid(
        "Frames {first} and {last} are more than {limit} frames apart. Draw the box on a frame between them."
    ),
    "frames_missing": invalid("{name} does not have all frames between these keyframes."),
    "no_frames_to_fill": conflict("There are no frames to fill between these keyframes."),
    # ---- why a run failed or stopped ----
    "labeling_failed_repeatedly": reason("The clip could not be labeled after several attempts."),
    "tracking_failed_repeatedly": reason("The object could not be tracked after several attempts."),
    "clips_failed": reason("{failed} of {total} clips could not be labeled. First error: {first_error}"),
    "gaps_failed": reason("The object could not be tracked in {failed} of {total} gaps. First error: {first_error}"),
    "files_deleted": reason("The files of the run were deleted."),
    "object_lost": reason("The object was lost at frame {frame}. Add a keyframe there and run again."),
    "object_lost_repeatedly": reason(
        "The object was lost {count} times, first at frame {frame}. Add keyframes there and run again."
    ),
    # ---- models that cannot be run ----
    "model_not_found_on_disk": reason("Model {model} has no ONNX file."),
    "model_damaged": reason("Model {model} is damaged: its checksum differs from its manifest."),
    "model_not_loadable": reason("Model {model} cannot be loaded: {error}"),
    "model_manifest_unreadable": reason("The manifest {file} cannot be read: {error}"),
    "model_tensors_missing": reason("Model {model} has no input or output named {names}."),
    "model_output_mismatch": reason("The output of model {model} does not match its manifest: {error}"),
    "model_failed": reason("Model {model} failed: {error}"),
}
