"""Error codes of imports: why one failed, and why a row of a label file was skipped."""

from common.contract.errors.kinds import ErrorType, conflict, invalid, reason

_REQUESTS: dict[str, ErrorType] = {
    "import_format_unknown": invalid("There is no import format “{format}”."),
    "import_media_empty": invalid("Choose at least one file."),
    "import_mission_unknown": invalid("The project has no mission “{mission}”."),
    "import_id_taken": conflict("Another import has this id."),
    "import_archive_expired": conflict("The archive is no longer stored. Upload it again."),
    "import_not_checked": conflict("This dry run did not succeed, so it cannot be imported."),
}

_FAILED: dict[str, ErrorType] = {
    "import_failed_repeatedly": reason(
        "The import failed several times and was stopped. Objects that were already imported stay. "
        "The operators of this service can look up the cause."
    ),
    "import_archive_missing": reason("The uploaded archive is no longer stored. Upload it again."),
    "import_no_files": reason("This project has no files to label yet."),
    "import_source_keys_expired": reason(
        "The keys to the external S3 bucket are used only once. Start the import again and enter them in “source”."
    ),
    "import_source_empty": reason("The external S3 bucket is empty."),
    "import_source_folder_empty": reason("“{folder}” in the external S3 bucket has no files. Check “source.folder”."),
    "import_source_too_large": reason("The label files have {size_gb} GB; at most {limit_gb} GB are allowed."),
    "import_source_too_many_files": reason("There are more than {limit} files."),
}

_ARCHIVE: dict[str, ErrorType] = {
    "archive_not_supported": reason("This is neither a ZIP archive nor a label file."),
    "archive_damaged": reason("The archive is damaged or incomplete. Upload it again."),
    "archive_damaged_at": reason("The archive is damaged at {file}. Upload it again."),
    "archive_encrypted": reason("The archive is password-protected. Upload it without a password."),
    "archive_compression_unsupported": reason(
        "{file} is compressed with an unsupported method. Upload an ordinary ZIP archive."
    ),
    "archive_compression_ratio": reason("{file} would unpack to more than {limit} times its size."),
    "archive_too_large": reason("The archive unpacks to {size_gb} GB; at most {limit_gb} GB are allowed."),
    "archive_too_many_files": reason("The archive has {count} files; at most {limit} are allowed."),
    "archive_file_too_large": reason("{file} is too large; at most {limit_mb} MB are allowed."),
    "archive_duplicate_file": reason("The archive has two files named {file}."),
    "archive_unsafe_path": reason("The archive has a file that would be unpacked outside its folder: {file}."),
    "archive_special_file": reason("{file} is a link or a device. Only regular files are allowed."),
    "archive_files_overlap": reason("Files in the archive overlap."),
    "format_not_detected": reason("The format could not be detected. Choose one in “format”."),
    "format_ambiguous": reason("This could be {first} or {second}. Choose one in “format”."),
    "format_mismatch": reason("The archive does not look like {format}. Check “format”."),
    "format_mismatch_detected": reason("The archive does not look like {format} but like {detected}. Check “format”."),
}

_MATCHING: dict[str, ErrorType] = {
    "no_such_file": reason("No file in this project has this name."),
    "file_ambiguous": reason("{count} files in this project match, such as {first} and {second}."),
    "file_not_named": reason("The archive does not say which file these labels belong to."),
    "video_ambiguous": reason("The archive does not say which of the project's {count} videos is labeled."),
    "not_a_video": reason("{file} is not a video."),
    "frame_not_given": reason("{file} is a video, but the frame number is missing."),
    "no_such_frame": reason("{file} has no frame {frame}; it has {count} frames."),
    "frame_not_integer": reason("Frame must be an integer."),
    "frame_rate_unknown": reason("The frame rate of {file} is unknown."),
    "image_size_unknown": reason("The image size is unknown, but the coordinates are relative to it."),
    "image_name_missing": reason("The labels come before the name of their image."),
    "image_has_several_rows": reason("{file} is a single image, but there are {count} rows."),
    "rows_exceed_sources": reason("There are more rows than sources."),
    "matlab_source_unknown": reason(
        "None of the sources is a file in this project. "
        "Name the label file <file in this project>_0000X.json to assign it."
    ),
}

_FILE: dict[str, ErrorType] = {
    "not_this_format": reason("This is not a {format} file."),
    "format_version_unsupported": reason("Version {version} of {format} is not supported; use version {supported}."),
    "invalid_json": reason("This is not valid JSON."),
    "invalid_xml": reason("This is not valid XML."),
    "invalid_yaml": reason("This is not valid YAML (line {line})."),
    "yaml_not_allowed": reason("YAML anchors, aliases and tags are not allowed (line {line})."),
    "yaml_duplicate_key": reason("“{key}” occurs twice (line {line})."),
    "file_too_long": reason("The file is too long; at most {limit_mb} MB are allowed."),
    "nested_too_deeply": reason("The file is nested too deeply."),
    "columns_missing": reason("The table needs the columns {columns}."),
    "classes_missing": reason("The file declares no classes."),
    "parquet_invalid": reason("This is not a valid Parquet file."),
    "parquet_damaged": reason("The Parquet file is damaged after row {row}."),
    "parquet_row_group_too_large": reason("The row groups of the Parquet file are too large."),
    "record_checksum_wrong": reason("The checksum of the record is wrong."),
    "record_invalid": reason("The record is not a valid example."),
    "records_damaged": reason("The file is damaged or incomplete here; {bytes} bytes were skipped."),
    "file_not_in_archive": reason("{file} is not in the archive."),
    "image_not_in_label_folder": reason("The image is not in a folder named after a label."),
    "pixel_labels_skipped": reason("Pixel labels are stored in separate images and are not imported."),
    "relations_skipped": reason("Relations between objects are not imported."),
    "absent_labels_skipped": reason("Labels that are marked as absent from their image are not imported."),
}

_ROW: dict[str, ErrorType] = {
    "row_malformed": reason("This entry does not match the format."),
    "field_missing": reason("“{field}” is missing."),
    "field_not_text": reason("“{field}” must be text."),
    "field_not_list": reason("“{field}” must be a list."),
    "field_not_boolean": reason("“{field}” is “{value}”, which is neither 0 nor 1."),
    "not_a_number": reason("“{value}” is not a number."),
    "not_an_integer": reason("“{value}” is not an integer."),
    "not_a_name_value_pair": reason("“{value}” does not have the form name=value."),
    "values_count_wrong": reason("Found {count} values instead of {expected}."),
    "values_too_few": reason("Found {count} values, but at least {minimum} are needed."),
    "values_too_many": reason("The row has {count} extra values."),
    "score_out_of_range": reason("The score {value} is not between 0 and 1."),
    "color_out_of_range": reason("Color values must be between 0 and 255."),
    "no_such_class": reason("There is no class {number}."),
    "no_such_class_in": reason("{file} has no class {number}."),
    "no_such_label": reason("The archive does not declare label {label}."),
    "no_such_image": reason("The file has no image {image}."),
    "no_such_keypoint": reason("The label has no keypoint {keypoint}."),
    "class_name_missing": reason("Class {number} has no name."),
    "class_number_invalid": reason("“{value}” is not a class number."),
    "track_number_invalid": reason("“{value}” is not a track number."),
    "annotation_type_unsupported": reason("Annotations of type “{type}” are not supported."),
    "label_already_set": reason("The image already has another text; an image has one label per class."),
    "project_lacks_class": reason("The project has no “{name}”. Set “add_classes” to add it."),
    "project_lacks_value": reason("The project does not have one of the values. Set “add_classes” to add it."),
    "imported_object_too_large": reason("The object has {size_mb} MB; at most {limit_mb} MB are allowed."),
}

_SHAPE: dict[str, ErrorType] = {
    "shape_unsupported": reason("Shapes of type “{type}” are not supported."),
    "points_too_few": reason("The shape has {count} points, but needs at least {minimum}."),
    "points_count_wrong": reason("The shape has {count} points instead of {expected}."),
    "points_missing": reason("The shape has no points."),
    "points_not_pairs": reason("{count} numbers cannot be split into pairs of x and y."),
    "point_lists_count_wrong": reason("The shape has {count} lists of points instead of 1."),
    "points_not_visible": reason("None of the keypoints is visible."),
    "keypoints_not_triples": reason("Keypoints must be listed as x, y and visibility."),
    "keypoint_shape_missing": reason("{file} has no kpt_shape, which gives the number of keypoints."),
    "keypoint_shape_invalid": reason("kpt_shape declares {count} keypoints with {values} values; they need 2 or 3."),
    "skeleton_too_large": reason("A skeleton with {count} keypoints on {frames} keyframes is too large."),
    "hole_before_outline": reason("A hole comes before its outline."),
    "box_incomplete": reason("The box does not have four edges."),
    "box_size_negative": reason("The box has a negative width or height."),
    "coordinate_not_finite": reason("A coordinate is not a finite number."),
    "coordinate_not_relative": reason("{value} is not a coordinate relative to the image size."),
    "object_without_frames": reason("The object is not on any frame."),
    "object_never_visible": reason("The object is never visible."),
    "track_changes_shape": reason("The track began with another shape ({kind})."),
}

_MASK: dict[str, ErrorType] = {
    "mask_not_png": reason("The mask is neither a PNG nor a BMP file."),
    "mask_image_damaged": reason("The mask image is damaged."),
    "mask_image_too_large": reason("An image with {width} × {height} pixels is too large."),
    "mask_not_single_channel": reason("The image must have a single channel."),
    "mask_sizes_differ": reason("The images of classes and of instances differ in size."),
    "mask_too_scattered": reason("The colors are scattered over the whole image like noise."),
    "mask_too_many_instances": reason("The image has more than {limit} instances; the others are skipped."),
    "colors_without_class": reason("{count} of the colors or numbers in this image have no class."),
    "color_not_in_image": reason("The image has no pixels of this color."),
    "mask_empty": reason("The mask has no pixels."),
    "mask_too_large": reason("A mask with {width} × {height} pixels is too large."),
    "mask_size_differs": reason(
        "The mask has {width} × {height} pixels, but its image has {image_width} × {image_height}."
    ),
    "mask_runs_invalid": reason("The run lengths do not fit {width} × {height} pixels."),
    "mask_encoding_invalid": reason("The encoded run lengths are damaged."),
}

ERRORS: dict[str, ErrorType] = {
    **_REQUESTS,
    **_FAILED,
    **_ARCHIVE,
    **_MATCHING,
    **_FILE,
    **_ROW,
    **_SHAPE,
    **_MASK,
}
