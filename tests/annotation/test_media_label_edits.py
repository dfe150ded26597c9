"""Labels of whole media as edits."""

from typing import Any

import pytest

from annotation.domain.errors import EditRefused
from annotation.domain.media_labels import add_label, default_of, make_default, reclassify, remove_label
from annotation.domain.tracks import Span
from common.contract.edits import Create, Edit, SetPresence
from common.contract.labels import ObjectState
from tests.annotation.media_label_builders import CAR, CAT, DOG, id_of, label, labels


def words(edits: list[Edit]) -> list[tuple[Any, ...]]:
    """A short form of edits: verb and category."""
    names = {id_of(kind): kind.category for kind in (CAR, DOG, CAT)}
    found: list[tuple[Any, ...]] = []
    for edit in edits:
        if isinstance(edit, Create):
            found.append(("create", names[edit.object], *((one.frame, one.outside) for one in edit.keyframes)))
        elif isinstance(edit, SetPresence):
            found.append(("present" if edit.present else "absent", names[edit.object], edit.first, edit.last))
        else:
            found.append((edit.verb, names[edit.object]))
    return found


HERE, GONE = False, True


@pytest.mark.parametrize(
    ("known", "spans", "expected"),
    [
        pytest.param([], None, [("create", "car", (0, HERE))], id="new"),
        pytest.param([], [(5, 9)], [("create", "car", (5, HERE), (10, GONE))], id="span"),
        pytest.param(
            [],
            [(50, 500), (8, 9), (5, 7)],
            [("create", "car", (5, HERE), (10, GONE), (50, HERE))],
            id="spans that meet, and the end",
        ),
        pytest.param([label(CAR)], None, [], id="there"),
        pytest.param([label(CAR)], [(5, 9)], [], id="there on all frames"),
        pytest.param([label(CAR, (5, 9))], None, [("present", "car", None, None)], id="from span to whole"),
        pytest.param([label(CAR, (5, 9))], [(6, 8)], [], id="span within"),
        pytest.param([label(CAR, (5, 9))], [(6, 12)], [("present", "car", 6, 12)], id="longer span"),
        pytest.param([label(CAR, deleted=True)], None, [("create", "car", (0, HERE))], id="deleted before"),
    ],
)
def test_a_missing_label_is_added(
    known: list[ObjectState], spans: list[tuple[int, int]] | None, expected: list[tuple[Any, ...]]
) -> None:
    edits = add_label(labels(*known), [CAR], None if spans is None else [Span(*span) for span in spans], "op")

    assert words(edits) == expected
    assert {edit.operation for edit in edits} <= {"op"}


@pytest.mark.parametrize(
    ("spans", "complete"),
    [([(9, 5)], True), ([(100, 120)], True), ([], True), ([(50, 99)], False), ([(5, 200)], False)],
)
def test_spans_must_be_inside_the_medium(spans: list[tuple[int, int]], complete: bool) -> None:
    with pytest.raises(EditRefused):
        add_label(labels(complete=complete), [CAR], [Span(*span) for span in spans], "op")


def test_a_span_before_the_last_known_frame_is_valid() -> None:
    assert len(add_label(labels(complete=False), [CAR], [Span(5, 98)], "op")) == 1


@pytest.mark.parametrize(
    ("known", "spans", "expected"),
    [
        ([], None, []),
        ([label(CAR, deleted=True)], None, []),
        ([label(CAR), label(DOG)], None, [("delete", "car")]),
        ([label(CAR)], [(5, 9), (20, 30)], [("absent", "car", 5, 9), ("absent", "car", 20, 30)]),
        ([label(CAR, (5, 9))], [(20, 30)], []),
    ],
)
def test_an_existing_label_is_removed(
    known: list[ObjectState], spans: list[tuple[int, int]] | None, expected: list[tuple[Any, ...]]
) -> None:
    assert (
        words(remove_label(labels(*known), CAR, None if spans is None else [Span(*span) for span in spans], "op"))
        == expected
    )


def test_exactly_one_label_is_the_default() -> None:
    first, second = sorted((CAR, DOG), key=id_of)
    preferred_one = label(CAT, preferred_at=5.0)

    assert default_of([]) is None
    assert default_of([label(CAR, deleted=True)]) is None
    assert default_of([label(second), label(first)]) == label(first)
    assert default_of([label(first), preferred_one, label(second, preferred_at=4.0)]) == preferred_one
    assert default_of([label(first), label(CAT, preferred_at=5.0, deleted=True)]) == label(first)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ([], []),
        ([label(DOG)], []),
        ([label(CAR, deleted=True)], []),
        ([label(CAR)], [("make_default", "car")]),
        ([label(CAR, preferred_at=2.0), label(DOG, preferred_at=1.0)], []),
        ([label(CAR, preferred_at=1.0), label(DOG, preferred_at=2.0)], [("make_default", "car")]),
    ],
)
def test_only_an_existing_label_becomes_the_default(known: list[ObjectState], expected: list[tuple[Any, ...]]) -> None:
    assert words(make_default(labels(*known), CAR, "op")) == expected


def test_adding_a_label_does_not_change_the_default() -> None:
    first, second = sorted((CAR, DOG), key=id_of)

    assert [edit.verb for edit in add_label(labels(label(first)), [second], None, "op")] == ["create"]
    assert words(add_label(labels(label(second)), [first], None, "op")) == [
        ("create", first.category, (0, HERE)), ("make_default", second.category),
    ]  # fmt: skip
    assert [edit.verb for edit in add_label(labels(label(second, preferred_at=1.0)), [first], None, "op")] == ["create"]


def test_a_reclassified_label_keeps_default_and_frames() -> None:
    whole = reclassify(labels(label(CAR, preferred_at=1.0), label(DOG)), CAR, CAT, "op")
    spans = reclassify(labels(label(CAR, (5, 9)), label(DOG, preferred_at=1.0)), CAR, CAT, "op")
    onto = reclassify(labels(label(CAR, (5, 9)), label(DOG, (20, 30), preferred_at=1.0)), CAR, DOG, "op")

    assert words(whole) == [("create", "cat", (0, HERE)), ("make_default", "cat"), ("delete", "car")]
    assert words(spans) == [("create", "cat", (5, HERE), (10, GONE)), ("delete", "car")]
    assert words(onto) == [("present", "dog", 5, 9), ("delete", "car")]
    assert reclassify(labels(label(CAR, deleted=True)), CAR, CAT, "op") == []


def test_edit_ids_depend_on_the_operation() -> None:
    def ids(operation: str) -> set[str]:
        known = labels(label(CAR, (5, 9)))
        edits = add_label(known, [CAR, DOG], [Span(1, 2), Span(20, 30)], operation)
        return {
            edit.id
            for edit in (*edits, *remove_label(known, CAR, None, operation), *make_default(known, CAR, operation))
        }

    assert len(ids("op")) == 5
    assert ids("op") == ids("op")
    assert not ids("op") & ids("other")
