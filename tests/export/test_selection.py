"""What may be asked of an export."""

from typing import Any

import pytest

from common.questions import StartExport
from export.domain.formats import FORMATS
from export.domain.selection import Selection, faults


def asked(**more: Any) -> StartExport:
    given: dict[str, Any] = {"export_id": "e", "project_id": "p", "name": "x", "format": "COCO 1.0", "author": "ada"}
    return StartExport(**given | more)


def test_a_plain_export_has_no_fault() -> None:
    assert faults(asked(), frozenset(FORMATS)) == []
    assert faults(asked(classes=["car"], media=["m"], annotation_types=["bbox"]), frozenset(FORMATS)) == []


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("format", "coco 1.0", "“coco 1.0”"),
        ("name", "../x", "/"),
        ("classes", [], "class"),
        ("media", [], "file"),
        ("annotation_types", [], "type"),
        ("annotation_types", ["blob"], "“blob”"),
    ],
)
def test_a_fault_names_its_field_and_says_why(field: str, value: Any, words: str) -> None:
    (fault,) = faults(asked(**{field: value}), frozenset(FORMATS))

    assert fault.field == field
    assert words in fault.message


def test_a_selection_takes_what_was_chosen_and_never_what_was_deleted() -> None:
    chosen = Selection.of(["car"], ["bbox"])

    assert chosen.takes({"category": "car", "annotation_type": "bbox"})
    assert not chosen.takes({"category": "bus", "annotation_type": "bbox"})
    assert not chosen.takes({"category": "car", "annotation_type": "polygon"})
    assert not Selection().takes({"category": "car", "deleted": True})
