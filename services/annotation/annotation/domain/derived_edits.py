"""Edits of other objects derived from an edit. Their ids are derived from the id of the original edit."""

from collections.abc import Iterator

from annotation.domain.errors import EditRefused
from annotation.domain.ontology import Ontology
from common.contract.edits import Create, Delete, Edit, Merge, Rules, Split
from common.contract.labels import Keyframe
from common.geometry.types import ImageTag
from common.service.ids import stable_id

# Edits that may affect other objects.
AFFECTS_OTHERS = (Create, Merge, Split)


def label_id(media_id: str, mission: str, category: str) -> str:
    """The id of a medium's label with a category. Each label exists once per medium."""
    return stable_id("label", media_id, mission, category)


def derived_id(edit: Edit, object_id: str) -> str:
    """The id of the edit of another object derived from `edit`."""
    return stable_id(edit.verb, edit.id, object_id)


def further_objects(edit: Edit, media_id: str, rules: Rules, ontology: Ontology | None) -> Iterator[str]:
    """The ids of other objects that an edit may read or change."""
    if isinstance(edit, Merge):
        yield from (other.object for other in edit.others)
    elif isinstance(edit, Split):
        yield edit.into
    elif isinstance(edit, Create) and labels_medium(edit, rules):
        try:
            mission, category = ontology.ids(edit.mission, edit.category) if ontology else (edit.mission, edit.category)
        except EditRefused:
            # The edit will be refused for this reason.
            return
        yield label_id(media_id, mission, category)


def derived_ids(edit: Edit, media_id: str, rules: Rules, ontology: Ontology | None) -> Iterator[str]:
    """The ids of the edits of other objects that may be derived from an edit."""
    for object_id in further_objects(edit, media_id, rules, ontology):
        yield derived_id(edit, object_id)


def labels_medium(edit: Create, rules: Rules) -> bool:
    """Whether a new object also labels the medium with its category."""
    return rules.sync_labels and not is_label(edit)


def is_label(edit: Create) -> bool:
    """Whether an edit creates a label of the medium."""
    return isinstance(edit.keyframes[0].geometry, ImageTag)


def labeling(edit: Create, media_id: str) -> Create:
    """The edit that labels the medium with the category of a new object."""
    target = label_id(media_id, edit.mission, edit.category)
    return Create(
        id=derived_id(edit, target),
        operation=edit.operation or edit.id,
        object=target,
        base_revision=0,
        mission=edit.mission,
        category=edit.category,
        keyframes=[Keyframe(frame=0, geometry=ImageTag())],
        source=edit.source,
        run_id=edit.run_id,
        model=edit.model,
        score=edit.score,
    )


def deletion(edit: Merge, object_id: str, revision: int) -> Delete:
    """The edit that deletes an object merged into another one."""
    return Delete(
        id=derived_id(edit, object_id),
        operation=edit.operation or edit.id,
        object=object_id,
        base_revision=revision,
    )
