"""Error codes of exports, dataset versions and external buckets."""

from common.contract.errors.kinds import ErrorType, conflict, invalid, reason

ERRORS: dict[str, ErrorType] = {
    # ---- exports ----
    "export_format_unknown": invalid("There is no export format {format}."),
    "export_media_empty": invalid("Choose at least one file."),
    "export_classes_empty": invalid("Choose at least one class."),
    "export_annotation_types_empty": invalid("Choose at least one annotation type."),
    "export_annotation_type_unknown": invalid("There is no annotation type {type}."),
    "export_sources_empty": invalid("Choose at least one source."),
    "split_empty": invalid("At least one subset needs a share."),
    "export_no_labels": invalid("The chosen files have no labels that match the selection."),
    "name_edges_invalid": invalid("A name cannot begin or end with a space, or end with a dot."),
    "name_characters_invalid": invalid('A name cannot contain / \\ < > : " | ? * or control characters.'),
    "name_reserved": invalid("{name} is not a valid file name on every system."),
    "name_too_long": invalid("A name has at most {limit_bytes} bytes."),
    "export_version_unknown": invalid("There is no such version in this project."),
    "export_id_taken": conflict("Another export has this id."),
    "export_no_files": invalid("None of the chosen files is available and ready."),
    "export_keys_expired": invalid(
        "The keys to the external S3 bucket are no longer known, because they are used only once. Start a new export."
    ),
    "export_failed_repeatedly": reason("The archive could not be written after several attempts."),
    # ---- dataset versions ----
    "version_id_taken": conflict("Another version has this id."),
    "version_deleted": conflict("This version was published and deleted before."),
    "version_no_files": invalid("None of the chosen files is available and ready."),
    # ---- external buckets ----
    "bucket_endpoint_invalid": invalid("Enter the address of an S3 endpoint, as https://host or https://host:port."),
    "bucket_bucket_invalid": invalid("Enter a bucket name: lowercase letters, digits, dots and hyphens."),
    "bucket_folder_invalid": invalid("A folder must not contain “.” or “..” as a part, or control characters."),
    "bucket_region_invalid": invalid("Enter a region such as us-east-1."),
    "bucket_access_key_invalid": invalid("Enter the access key."),
    "bucket_secret_key_invalid": invalid("Enter the secret key."),
}
