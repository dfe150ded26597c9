"""Edits that concern further objects: what they make of these, each as an edit of its own with an id that follows
from the edit's."""

from collections.abc import Iterator

from annotation.domain.errors import EditRefused
from annotation.domain.ontology import Ontology
from common.contract.edits import Create, Delete, Edit, Merge, Rules, Split
from common.contract.labels import Keyframe
from common.geometry.types import ImageTag
from common.service.ids import stable_id

# Edits that may concern more than their own object.
AFFECTS_OTHERS = (Create, Merge, Split)


def label_id(media_id: str, mission: str, category: str) -> str:
    """The id of the object that labels a whole medium with a category: there is one, however often it is made."""
    return stable_id("label", media_id, mission, category)


def derived_id(edit: Edit, object_id: str) -> str:
    """The id of the edit that comes of `edit` on another object."""
    return stable_id(edit.verb, edit.id, object_id)


def further_objects(edit: Edit, media_id: str, rules: Rules, ontology: Ontology | None) -> Iterator[str]:
    """The ids of the objects beside its own that an edit may look at or change."""
    if isinstance(edit, Merge):
        yield from (other.object for other in edit.others)
    elif isinstance(edit, Split):
        yield edit.into
    elif isinstance(edit, Create) and labels_medium(edit, rules):
        try:
            mission, category = ontology.ids(edit.mission, edit.category) if ontology else (edit.mission, edit.category)
        except EditRefused:
            # The edit will be refused for it.
            return
        yield label_id(media_id, mission, category)


def derived_ids(edit: Edit, media_id: str, rules: Rules, ontology: Ontology | None) -> Iterator[str]:
    """The ids of the edits that may come of an edit on other objects."""
    for object_id in further_objects(edit, media_id, rules, ontology):
        yield derived_id(edit, object_id)


def labels_medium(edit: Create, rules: Rules) -> bool:
    """Whether the medium is to be labeled with the category of a new object; a label does that itself."""
    return rules.sync_labels and not is_label(edit)


def is_label(edit: Create) -> bool:
    """Whether an edit makes a label of the whole medium."""
    return isinstance(edit.keyframes[0].geometry, ImageTag)


def labeling(edit: Create, media_id: str) -> Create:
    """The edit by which a new object's category labels the whole medium."""
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
    """The edit by which an object goes that another one takes in."""
    return Delete(
        id=derived_id(edit, object_id),
        operation=edit.operation or edit.id,
        object=object_id,
        base_revision=revision,
    )
