"""ezLabel JSON survives export and import unchanged; incomplete files of other programs are imported too."""

import json
import re
from typing import Any

from hypothesis import given

from common.contract.labels import ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import Box, ImageTag
from export.parsing.imported_object import ImportedObject
from export.parsing.reader import DeclaredMission
from tests.export.made import DETECTION, dataset, dropped, labeled, medium, shape_object
from tests.export.parsing.made_archives import objects, opened, packed, read, targets, written
from tests.export.strategies import FRAMES, projects

NAME = "ezLabel JSON"
MEDIA = [medium("m1", "a.mp4", FRAMES), medium("m2", "b ü.mp4", FRAMES), medium("i1", "c.jpg")]


def by_id(imported: ImportedObject) -> dict[str, Any]:
    """The imported object, with ids instead of names."""
    attributes = imported.ids.attributes
    keyframes = []
    for keyframe in imported.keyframes:
        texts = {attributes.get(name, name): value for name, value in keyframe.attributes.items()}
        keyframes.append(keyframe.model_copy(update={"attributes": texts}).model_dump())
    behaviors = [
        {**behavior.model_dump(), "name": imported.ids.behaviors.get(behavior.name, behavior.name)}
        for behavior in imported.behaviors
    ]
    return {
        "media_id": imported.media_id.removesuffix("-x"),
        "mission": imported.ids.mission or imported.mission,
        "category": imported.ids.category or imported.category,
        "type": imported.ids.type or imported.type,
        "attributes": {attributes.get(name, name): value for name, value in imported.attributes.items()},
        "annotation_type": imported.kind,
        "keyframes": keyframes,
        "behaviors": behaviors,
        **imported.model_dump(include={"source", "run_id", "model", "score", "group", "z_order", "done"}),
    }


def expected_state(state: ObjectState) -> dict[str, Any]:
    own = {"id", "project_id", "preferred_at", "deleted", "revision", "author", "created_at"}
    return state.model_dump(exclude=own)


def ordered(entries: list[dict[str, Any]]) -> list[str]:
    # A rotation of zero is omitted: -0.0 returns as 0.0.
    return sorted(re.sub(r"-0\.0(?=[,}\]])", "0.0", json.dumps(entry, sort_keys=True)) for entry in entries)


@given(projects(most=6))
def test_a_project_survives_export_and_import(states: list[ObjectState]) -> None:
    made = dataset(MEDIA, states)

    entries = read(NAME, written(NAME, made), targets(MEDIA, "-x"))

    assert not dropped(made).keys() - {"lost_far_away"}
    assert not [entry for entry in entries if isinstance(entry, SkippedRow)]
    assert ordered([by_id(imported) for imported in objects(entries)]) == ordered(
        [expected_state(state) for state in states]
    )


def test_missions_are_described_before_their_objects() -> None:
    entries = read(NAME, written(NAME, dataset(MEDIA, [labeled()])), targets(MEDIA))

    described = next(entry for entry in entries if isinstance(entry, DeclaredMission))
    assert described.mission == DETECTION
    assert entries.index(described) < entries.index(objects(entries)[0])


def test_an_object_is_matched_by_its_id_in_its_own_project() -> None:
    archive = written(NAME, dataset(MEDIA, [labeled("o7")]))

    assert [imported.uid for imported in objects(read(NAME, archive, targets(MEDIA)))] == ["o7"]
    assert [imported.uid for imported in objects(read(NAME, archive, targets(MEDIA, "-x")))] == [None]


def test_only_a_label_that_was_made_the_default_is_made_so_again() -> None:
    chosen = shape_object("o1", ImageTag(), preferred_at=5.0)
    other = shape_object("o2", ImageTag(), category="Pedestrian")

    imported = objects(read(NAME, written(NAME, dataset(MEDIA, [chosen, other])), targets(MEDIA)))

    assert [(entry.category, entry.default) for entry in imported] == [("Vehicle", True), ("Pedestrian", False)]


def file(**more: Any) -> dict[str, Any]:
    return {"format": "ezlabel-json", "version": 1, "media": {"name": "a.mp4"}, "objects": []} | more


def single(document: Any, name: str = "a_00001.json") -> list[Any]:
    return read(NAME, opened(json.dumps(document).encode(), name), targets(MEDIA))


def test_archives_of_other_programs_are_imported() -> None:
    frames = [{"frame": 1, "bbox": [371, 509, 592, 698]}, {"frame": 2, "bbox": [372.5, 509, 593, 698]}]
    car = {"id": 1, "category": "Vehicle", "annotation_type": "BoundingBox", "frames": frames, "attributes": {"n": 3}}
    part = {"outer": [[1, 1], [9, 1], [9, 9]], "holes": []}
    road = {"category": "Road", "annotation_type": "PixelBased", "frames": [{"frame": 3, "parts": [part]}]}

    entries = single(file(mission="Traffic", objects=[car, road], labels=[{"name": "highway", "default": True}]))

    assert [(entry.category, entry.kind, entry.mission) for entry in entries] == [
        ("Vehicle", "bbox", "Traffic"),
        ("Road", "polygon", "Traffic"),
        ("highway", "label", "Traffic"),
    ]
    assert [keyframe.frame for keyframe in entries[0].keyframes] == [0, 1]
    assert entries[0].keyframes[0].geometry == Box(x1=371, y1=509, x2=592, y2=698)
    assert (entries[0].source, entries[0].attributes) == ("import", {"n": 3.0})


def test_a_file_without_a_medium_is_matched_by_its_name() -> None:
    entries = single(file(media={}, objects=[{"category": "c", "frames": [{"frame": 1, "bbox": [1, 2, 3, 4]}]}]))

    assert [imported.media_id for imported in objects(entries)] == ["m1"]


def test_every_miss_is_skipped_with_a_reason() -> None:
    good = {"category": "c", "frames": [{"frame": 1, "bbox": [1, 2, 3, 4]}]}
    bad: list[Any] = [
        {"frames": [{"frame": 1, "bbox": [1, 2, 3, 4]}]},
        {"category": "c", "frames": [{"frame": 1, "bbox": [1, 2, 3]}]},
        {"category": "c", "frames": [{"frame": 0, "bbox": [1, 2, 3, 4]}]},
        {"category": "c", "frames": [{"frame": 1.5, "bbox": [1, 2, 3, 4]}]},
        {"category": "c", "frames": [{"bbox": [1, 2, 3, 4]}]},
        {"category": "c", "frames": "none"},
        {"category": "c", "kind": "mesh", "frames": [{"frame": 1, "mesh": {}}]},
        {"category": ["c"], "frames": [{"frame": 1, "bbox": [1, 2, 3, 4]}]},
        "nothing",
        None,
    ]
    archive = packed(
        {
            "a.json": json.dumps(file(objects=[*bad, good])).encode(),
            "b.json": b"{broken",
            "c.json": b"[]",
            "d.json": json.dumps(file(version=2)).encode(),
            "e.json": json.dumps(file(media={"name": "gone.mp4"}, objects=[good])).encode(),
            "f.json": json.dumps(file(media=7, missions=[{}], objects=7)).encode(),
        }
    )

    entries = read(NAME, opened(archive), targets(MEDIA))

    skipped = [entry for entry in entries if isinstance(entry, SkippedRow)]
    assert len(objects(entries)) == 1
    wheres = [", ".join(row.where.split(", ")[:2]) for row in skipped[: len(bad)]]
    assert wheres == [f"a.json, objects {n}" for n in range(1, len(bad) + 1)]
    assert [row.where.split(",")[0] for row in skipped[len(bad) :]] == [
        "b.json",
        "c.json",
        "d.json",
        "e.json",
        "f.json",
    ]
    assert all(row.reason.code for row in skipped)
