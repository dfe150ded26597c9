"""Ultralytics YOLO Classification: labels are imported from lists or from label folders."""

import json
from typing import Any

import pytest
from hypothesis import given

from common.contract.labels import ObjectState
from common.contract.questions import SkippedRow
from export.formats.registry import READERS
from export.parsing.detect_format import detect_format
from export.parsing.imported_object import ImportedObject
from tests.export.formats.skipped import assert_skipped
from tests.export.formats.yolo.yolo_labels import label
from tests.export.made import archive, dataset, every_frame, medium
from tests.export.parsing.made_archives import objects, opened, packed, read, targets
from tests.export.parsing.returned import returned
from tests.export.strategies import FRAMES, projects

NAME = "Ultralytics YOLO Classification 1.0"
MEDIA = [medium("m1", "a.mp4", FRAMES), medium("m2", "b.mp4", FRAMES), medium("i1", "c.jpg")]


def labels_by_image(files: dict[str, bytes]) -> dict[str, list[str]]:
    """The labels of each image; the id of a class becomes that class."""
    rows = json.loads(files["train/labels.json"])
    return {
        name: sorted({"Vehicle" if label == "vehicle-1" else label for label in row["labels"]})
        for name, row in rows.items()
    }


@given(projects(reach=500, most=4))
def test_an_imported_archive_is_exported_with_the_same_rows(states: list[ObjectState]) -> None:
    round_trip = returned(NAME, MEDIA, states)

    assert not round_trip.skipped
    assert labels_by_image(round_trip.before) == labels_by_image(round_trip.after)


def test_labels_keep_their_spans_and_default() -> None:
    states = [
        label("o1", "Vehicle", (2, 5), (9, 12)),
        label("o2", "Pedestrian", (4, FRAMES), preferred_at=1.0),
        label("o3", 'a/b "夜"\n', media_id="i1"),
    ]

    round_trip = returned(NAME, MEDIA, states)

    assert round_trip.before == round_trip.after
    result = {imported.category: imported for imported in round_trip.objects}
    assert spans(result["Vehicle"]) == [(2, False), (5, True), (9, False), (12, True)]
    assert spans(result["Pedestrian"]) == [(4, False)]
    assert spans(result['a/b "夜"\n']) == [(0, False)]
    assert [name for name, entry in result.items() if entry.default] == ["Pedestrian"]
    assert {imported.kind for imported in round_trip.objects} == {"label"}


def spans(found: ImportedObject) -> list[tuple[int, bool]]:
    keys = [(key.frame, key.outside) for key in found.keyframes]
    return [key for at, key in enumerate(keys) if not at or key[1] != keys[at - 1][1]]


def test_an_archive_with_images_is_read_by_its_list() -> None:
    states = [label("o1", "no_label", media_id="i1"), label("o2", "Vehicle", (3, 5))]

    bundle = opened(packed(archive(NAME, dataset(MEDIA, states, images=every_frame))))

    assert detect_format(bundle, None, READERS) == (NAME, 0.95)
    imported = objects(read(NAME, bundle, targets(MEDIA)))
    assert {(entry.media_id, entry.category) for entry in imported} == {("i1", "no_label"), ("m1", "Vehicle")}


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("train/cat/c.jpg", "cat"),
        ("set/val/cat/c.PNG", "cat"),
        ("test/cat/x/c.jpg", "cat"),
        ("set/cat/c.jpg", "cat"),
        ("cat/c.jpg", "cat"),
        ("train/no_label/c.jpg", None),
        ("c.jpg", None),
    ],
)
def test_folders_of_other_programs_are_classes(name: str, category: str | None) -> None:
    imported = objects(read(NAME, opened(packed({name: b""})), targets(MEDIA)))

    assert [(entry.media_id, entry.category) for entry in imported] == ([("i1", category)] if category else [])


def test_frames_in_folders_are_labels_of_the_video() -> None:
    files = {f"train/{'cat' if at < 3 else 'dog'}/a/frame_{at:06d}.jpg": b"" for at in range(5)}

    result = {
        imported.category: spans(imported) for imported in objects(read(NAME, opened(packed(files)), targets(MEDIA)))
    }

    assert result == {"cat": [(0, False), (3, True)], "dog": [(3, False)]}


def test_a_list_alone_is_read() -> None:
    content = json.dumps({"c": {"labels": ["cat", "cat"], "path": "train/cat/c.jpg"}}, indent=1).encode()
    bundle = opened(content, "my labels.json")

    assert detect_format(bundle, None, READERS)[0] == NAME
    (imported,) = objects(read(NAME, bundle, targets(MEDIA)))
    assert (imported.media_id, imported.category) == ("i1", "cat")


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (7, "row_malformed"),
        ({"path": "c.jpg"}, "field_missing"),
        ({"labels": "cat"}, "field_not_list"),
        ({"labels": [1]}, "field_not_list"),
        ({"labels": [""]}, "field_not_list"),
        ({"labels": ["x" * 300]}, "string_too_long"),
    ],
)
def test_a_malformed_row_is_skipped_with_a_reason(row: Any, code: str) -> None:
    content = json.dumps({"c": row, "a/frame_000001": {"labels": ["cat"]}}).encode()

    entries = read(NAME, opened(packed({"train/labels.json": content})), targets(MEDIA))

    assert_skipped(entries, "train/labels.json, c", code)
    assert len(objects(entries)) == 1


@pytest.mark.parametrize("content", [b"{", b"[]", b"7"])
def test_a_malformed_list_is_reported(content: bytes) -> None:
    (skipped,) = read(NAME, opened(packed({"train/labels.json": content})), targets(MEDIA))

    assert isinstance(skipped, SkippedRow)
    assert skipped.reason.code == "not_this_format"


def test_images_without_a_match_are_reported_once() -> None:
    content = json.dumps({"gone": {"labels": ["cat", "dog"]}}).encode()

    (skipped,) = read(NAME, opened(packed({"train/labels.json": content})), targets(MEDIA))

    assert isinstance(skipped, SkippedRow)
    assert (skipped.reason.code, skipped.count) == ("no_such_file", 2)
