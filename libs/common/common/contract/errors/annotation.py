"""Error codes of the annotation service."""

from common.contract.errors.kinds import ErrorType, conflict, invalid, reason

_SHAPES: dict[str, ErrorType] = {
    "annotation_type_mismatch": reason(
        "This object has the type {annotation_type}; its keyframes must have the same type."
    ),
    "coordinate_out_of_range": reason("Coordinates must be between -{limit} and {limit}."),
    "too_few_points": reason("The shape needs at least {minimum} points."),
    "too_many_points": reason("A shape may have at most {limit} points. This one has {count}."),
    "too_many_keypoints": reason("A shape may have at most {limit} keypoints."),
    "duplicate_keypoint": reason("Two keypoints have the name {name}."),
    "angle_out_of_range": reason("Roll, pitch and yaw must be between -180 and 180 degrees."),
    "box_too_small": reason("A box must be at least {minimum} pixel wide and high, with x1 < x2 and y1 < y2."),
    "polygon_without_outline": reason("The polygon needs at least one outline."),
    "self_intersecting_outline": reason("The outline crosses or touches itself."),
    "zero_length_line": reason("The line has zero length."),
    "empty_skeleton": reason("The skeleton needs at least one point."),
    "bitmap_too_large": reason(
        "A bitmap may have at most {max_width} × {max_height} pixels. This one has {width} × {height}."
    ),
    "invalid_bitmap": reason("The bitmap data does not match its size of {width} × {height} pixels."),
    "empty_bitmap": reason("The bitmap has no pixels."),
    "circle_too_small": reason("A circle must be at least {minimum} pixel wide."),
    "ellipse_too_small": reason("An ellipse must be at least {minimum} pixel wide and high."),
    "wrong_cuboid_point_count": reason("A cuboid has 8 points. This one has {count}."),
    "zero_size_cuboid": reason("The cuboid has zero size."),
    "keypoints_not_supported": reason("Only boxes and polygons can have keypoints and angles."),
    "shape_outside_image": reason("The shape extends beyond the image ({width} × {height} pixels)."),
    "shape_off_image": reason("The shape lies completely outside the image ({width} × {height} pixels)."),
}


_KEYFRAMES_FRAMES: dict[str, ErrorType] = {
    "frame_outside_medium": reason("Frame {frame} is outside the file, which has {frame_count} frames so far."),
    "too_many_keyframes": reason("An object may have at most {limit} keyframes."),
    "duplicate_keyframe": reason("Frame {frame} has two keyframes."),
    "no_visible_keyframe": reason("The object needs at least one visible keyframe."),
    "keyframe_not_found": reason("There is no keyframe on frame {frame}."),
    "last_keyframe": reason("The last keyframe cannot be removed. Delete the object instead."),
    "no_keyframe_in_range": reason("The object has no keyframe on frames {first} to {last}."),
    "frame_range_reversed": reason("The range ends on frame {last}, before it starts on frame {first}."),
    "frame_range_required": reason("At least one range of frames is required."),
    "frame_outside_range": reason("Frame {frame} is outside frames {first} to {last}."),
    "keyframe_not_generated": reason("Generated keyframes must come from quick label, a model or interpolation."),
    "propagation_to_same_frame": reason("A shape cannot be propagated to its own frame."),
    "not_visible_on_frame": reason("The object is not visible on frame {frame}."),
    "not_visible_in_range": reason("The object is not visible on these frames."),
    "before_first_keyframe": reason("Frame {frame} is before the first keyframe of the object."),
    "shift_outside_medium": reason("The object would leave the file, which has {frame_count} frames so far."),
    "object_score_out_of_range": reason("The score must be between 0 and 1."),
}


_OBJECTS: dict[str, ErrorType] = {
    "object_id_taken": reason("This object ID is already in use."),
    "object_not_in_medium": reason("This object does not exist in this file."),
    "object_deleted": reason("The object is deleted. Restore it first."),
    "labeled_object_too_large": reason("The object is too large to be exported. Simplify or split it."),
    "revision_not_found": reason("The object has no revision {revision}."),
    "edited_by_person": reason("A person edited this object, so the run leaves it unchanged."),
    "already_annotation_type": reason("The object already has the type {annotation_type}."),
    "conversion_not_supported": reason("An object of type {annotation_type} cannot be converted to {target}."),
    "shape_too_large_to_rasterize": reason("The shape is too large to be converted to a bitmap."),
    "shape_without_pixels": reason("On frame {frame}, the shape covers no pixel of the image."),
    "bitmap_too_complex": reason("The bitmap has too many corners to become a polygon."),
    "split_leaves_empty_part": reason("The object is visible on only one side of frame {frame}."),
    "merge_with_itself": reason("An object can be merged only with other objects, each listed once."),
    "merge_object_not_found": reason("One of the objects to merge does not exist in this file."),
    "merge_types_differ": reason("Objects of type {annotation_type} and {other_type} cannot be merged."),
}


_BEHAVIORS: dict[str, ErrorType] = {
    "too_many_behaviors": reason("An object may have at most {limit} behaviors."),
    "duplicate_behavior_id": reason("Two behaviors have the same ID."),
    "behavior_range_reversed": reason("The behavior ends before it starts."),
    "behavior_before_medium": reason("A behavior would start before the first frame."),
    "behavior_not_found": reason("The object has no such behavior."),
}


_FILE_LABELS: dict[str, ErrorType] = {
    "label_cannot_be_occluded": reason("A file label cannot be occluded."),
    "label_has_no_shape": reason("A file label cannot be moved or scaled."),
    "label_cannot_be_split": reason("A file label cannot be split."),
    "label_category_is_fixed": reason(
        "The category of a file label cannot be changed. Remove the label and add another one."
    ),
    "label_id_is_fixed": reason("A file has each label only once. The ID of this label is {object_id}."),
    "not_a_label": reason("Only a file label can be the default label."),
    "frames_still_counted": reason("The frames of this file are still being counted. Try again shortly."),
    "media_required": invalid("Specify the files to label."),
    "label_category_not_found": invalid("The project has no category {category}. Add it to a mission first."),
}


_CLASSES_ATTRIBUTES: dict[str, ErrorType] = {
    "unknown_mission": reason("There is no mission {name}. Missions: {known}."),
    "unknown_category": reason("The mission {mission} has no category {name}. Categories: {known}."),
    "unknown_type": reason("The category {category} has no type {name}. Types: {known}."),
    "unknown_attribute": reason("The category {category} has no attribute {name}. Attributes: {known}."),
    "unknown_behavior": reason("The mission {mission} has no behavior {name}. Behaviors: {known}."),
    "unknown_behavior_attribute": reason("The behavior {behavior} has no attribute {name}. Attributes: {known}."),
    "unknown_keypoint": reason("The category {category} has no keypoint {name}. Keypoints: {known}."),
    "unknown_attribute_value": reason("{attribute} has no value {value}. Values: {known}."),
    "attribute_needs_choice": reason("{attribute} must be one of its values, not {value}."),
    "attribute_needs_text": reason("{attribute} must be text, not {value}."),
    "attribute_needs_bool": reason("{attribute} must be yes or no, not {value}."),
    "attribute_needs_number": reason("{attribute} must be a number, not {value}."),
    "attribute_not_mutable": reason("{attribute} applies to the whole object and cannot change between frames."),
    "too_many_attributes": reason("An object may have at most {limit} attributes."),
    "attribute_name_length": reason("The name of an attribute must have 1 to {limit} characters."),
    "attribute_value_too_long": reason("The value of {attribute} is longer than {limit} characters."),
    "attribute_value_not_finite": reason("The value of {attribute} must be a finite number."),
}


_BATCHES_CONFLICTS_OPERATIONS: dict[str, ErrorType] = {
    "edit_id_reused": reason("The ID of this edit was used for another edit."),
    "atomic_batch_failed": reason("Not applied because another edit of the batch failed."),
    "cannot_be_combined": invalid("{verb} cannot be combined with other edits."),
    "object_changed": reason("The object was changed in the meantime."),
    "keyframe_changed": reason("The keyframe on frame {frame} was changed in the meantime."),
    "keyframe_attribute_changed": reason("The attribute {attribute} on frame {frame} was changed in the meantime."),
    "frames_changed": reason("Frames {first} to {last} were changed in the meantime."),
    "attribute_changed": reason("The attribute {attribute} was changed in the meantime."),
    "behavior_changed": reason("A behavior was changed in the meantime."),
    "category_changed": reason("The category was changed in the meantime."),
    "done_changed": reason("Done was changed in the meantime."),
    "group_changed": reason("The group was changed in the meantime."),
    "order_changed": reason("The z-order was changed in the meantime."),
    "default_changed": reason("The default label was changed in the meantime."),
    "visibility_changed": reason("The visibility was changed in the meantime."),
    "revision_ahead": reason("The object is at revision {revision}, older than the revision of this edit."),
    "too_many_changes": reason("The object was changed too often since this edit was made."),
    "medium_not_ready": conflict("No frame of this file can be labeled yet. Try again shortly."),
    "too_many_frames": invalid("At most {limit} frames can be read at once."),
    "object_not_tracked": reason("The run did not find the object."),
}


_SUGGESTIONS: dict[str, ErrorType] = {
    "suggestion_not_in_medium": reason("This suggestion does not exist in this file."),
    "suggestion_accepted_before": reason("This suggestion has already been accepted."),
    "suggestion_rejected_before": reason("This suggestion has already been rejected."),
    "suggestion_edited_before": reason("This suggestion has already been accepted with changes."),
    "suggestions_reviewed_meanwhile": conflict("Others are reviewing the same suggestions. Try again."),
}


_MISSIONS: dict[str, ErrorType] = {
    "mission_name_taken": conflict("The project already has a mission named {name}."),
    "mission_changed": conflict("The mission {name} was changed and is now at revision {revision}. Reload it."),
    "mission_deleted": conflict("The mission was deleted. Add it as a new one."),
    "mission_is_new": conflict("There is no such mission to change. Add it with revision 0."),
    "detection_mission_required": conflict(
        "Detections are stored in this mission. It can be changed, but not deleted."
    ),
    "too_many_missions": conflict("A project may have at most {limit} missions."),
    "too_many_categories": conflict("A mission may have at most {limit} categories."),
    "mission_too_large": invalid("A mission may take at most {limit_mb} MB."),
    "classes_in_use": conflict(
        "{objects} objects use the removed categories or types: {classes}. Choose where to move them."
    ),
    "class_in_use": conflict("{objects} objects are {name}."),
    "objects_keep_changing": conflict("The objects to move keep changing. Try again."),
    "target_mission_not_found": invalid("The mission to move objects to does not exist."),
    "target_class_not_found": invalid("Objects of {category} cannot be moved to {target}, because it does not exist."),
    "unknown_annotation_type": invalid("There is no annotation type {name}."),
    "annotation_type_required": invalid("A mission needs at least one annotation type."),
    "parent_not_found": invalid("The parent {parent} of {category} does not exist."),
    "parent_cycle": invalid("{category} cannot be its own ancestor."),
    "unknown_skeleton_point": invalid("An edge of {category} ends at {name}, which is not a point of the skeleton."),
    "value_length": invalid("A value of {attribute} must have 1 to {limit} characters."),
    "values_required": invalid("{attribute} needs at least one value to choose from."),
    "values_not_allowed": invalid("{attribute} is not a choice and cannot have values."),
    "default_does_not_fit": invalid("{value} cannot be the default of {attribute}."),
    "name_not_trimmed": invalid("The name “{name}” starts or ends with a space."),
    "duplicate_name": invalid("The name {name} is used twice in the {list}."),
}


_STATISTICS: dict[str, ErrorType] = {
    "attribute_breakdown_alone": invalid("Attribute values can only be counted on their own, and only for objects."),
    "duplicate_breakdown": invalid("The two breakdowns must differ."),
    "breakdown_not_available": invalid("{measure} cannot be broken down by {dimension}."),
    "filter_not_available": invalid("{measure} cannot be filtered by {dimension}."),
}

ERRORS: dict[str, ErrorType] = {
    **_SHAPES,
    **_KEYFRAMES_FRAMES,
    **_OBJECTS,
    **_BEHAVIORS,
    **_FILE_LABELS,
    **_CLASSES_ATTRIBUTES,
    **_BATCHES_CONFLICTS_OPERATIONS,
    **_SUGGESTIONS,
    **_MISSIONS,
    **_STATISTICS,
}
