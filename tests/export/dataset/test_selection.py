"""The selection of labels, and the validation of export requests."""

from typing import Any

import pytest

from common.contract.labels import ObjectState
from common.contract.questions import StartExport
from common.geometry.types import Polyline
from export.dataset.selection import Selection, request_errors
from export.dataset.vocabulary import Term
from export.formats.registry import FORMATS
from tests.export.made import dataset, labeled, medium, shape_object


def request(**more: Any) -> StartExport:
    fields: dict[str, Any] = {"export_id": "e", "project_id": "p", "name": "x", "format": "COCO 1.0", "author": "ada"}
    return StartExport(**fields | more)


def selected(objects: list[ObjectState], chosen: Selection) -> set[str]:
    """The ids of the selected objects."""
    made = dataset([medium()], objects, selection=chosen)
    return {found.state.id for labels in made.labels() for found in labels.objects}


def test_a_valid_request_has_no_errors() -> None:
    assert request_errors(request(), frozenset(FORMATS)) == []
    assert (
        request_errors(
            request(classes=["car"], media=["m"], annotation_types=["bbox", "polygon", "label"]), frozenset(FORMATS)
        )
        == []
    )


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("format", "coco 1.0", "coco 1.0"),
        ("name", "../x", "/"),
        ("classes", [], "class"),
        ("media", [], "file"),
        ("annotation_types", [], "type"),
        ("annotation_types", ["blob"], "blob"),
        ("sources", [], "source"),
        ("split", {"train": 0, "val": 0, "test": 0}, "share"),
    ],
)
def test_an_error_has_its_field_and_a_reason(field: str, value: Any, words: str) -> None:
    (fault,) = request_errors(request(**{field: value}), frozenset(FORMATS))

    assert fault.field == field
    assert words in fault.reason.message


def test_classes_are_selected_by_id_or_by_name() -> None:
    chosen = Selection.of(["car-1", "Bus"], ["bbox"])

    assert chosen.takes_class(Term("car-1", "Automobile"))
    assert chosen.takes_class(Term("bus-1", "Bus"))
    assert not chosen.takes_class(Term("van-1", "Van"))
    assert chosen.takes_kind("bbox")
    assert not chosen.takes_kind("polygon")


def test_everything_but_deleted_objects_is_selected_by_default() -> None:
    objects = [
        labeled("o1"),
        labeled("o2", deleted=True),
        shape_object("o3", Polyline(points=[(0, 0), (1, 1)]), category="Pedestrian"),
    ]

    assert selected(objects, Selection()) == {"o1", "o3"}
    assert selected(objects, Selection.of(["Vehicle"], None)) == {"o1"}
    assert selected(objects, Selection.of(None, ["polyline"])) == {"o3"}


def test_objects_are_selected_by_source_and_by_done() -> None:
    objects = [labeled("o1", done=True), labeled("o2", source="model"), labeled("o3", source="model", done=True)]

    assert selected(objects, Selection.of(None, None, ["model", "import"])) == {"o2", "o3"}
    assert selected(objects, Selection.of(None, None, done_only=True)) == {"o1", "o3"}
    assert selected(objects, Selection.of(None, None, ["manual"], done_only=True)) == {"o1"}
    assert selected(objects, Selection.of(None, None, ["quick"])) == set()
