"""Imports from the archive to the edits: once, in a sandbox, and nothing if the archive is damaged."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from common.contract import questions
from common.contract.edits import Create, EditResult, MakeDefault
from common.contract.errors import Problem, reason_for
from common.contract.labels import ObjectState
from common.contract.missions import Mission
from common.geometry.types import ImageTag
from common.messaging.jobs import JobStopped
from common.sandbox.parent import Undecodable
from export.codecs.zip import zipped
from export.formats.registry import FORMATS
from export.importing.importer import import_archive
from export.importing.progress import ImportProgress
from tests.export.fakes import InMemoryObjects
from tests.export.made import DETECTION, dataset, labeled, medium, shape_object
from tests.export.parsing.made_archives import packed

MEDIA = [medium("m1", "a.mp4", 30), medium("i1", "c.jpg")]


@dataclass
class Project:
    """Ingest and annotation for imports."""

    objects: InMemoryObjects = field(default_factory=InMemoryObjects)
    missions: dict[str, Mission] = field(default_factory=lambda: {DETECTION.id: DETECTION})
    labels: dict[str, ObjectState] = field(default_factory=dict)
    edits: dict[str, str] = field(default_factory=dict)
    asked: list[Any] = field(default_factory=list)
    now: float = 10.0

    async def ask(self, question: Any) -> Any:
        self.asked.append(question)
        match question:
            case questions.ListMedia():
                return questions.MediaList(items=MEDIA)
            case questions.ListMissions():
                return questions.MissionList(items=list(self.missions.values()))
            case questions.SaveMission():
                self.missions[question.mission.id] = question.mission
                return question.mission
            case questions.ReadObjects():
                return questions.ObjectList(
                    objects=[state for state in self.labels.values() if state.media_id == question.media_id]
                )
            case questions.ApplyEdits():
                return questions.EditResults(results=[self._apply(edit, question) for edit in question.edits])

    def _apply(self, edit: Any, question: questions.ApplyEdits) -> EditResult:
        if edit.id in self.edits:
            return EditResult(id=edit.id, status="duplicate", object=self.labels[edit.object])
        if isinstance(edit, MakeDefault):
            self.edits[edit.id] = edit.object
            return EditResult(id=edit.id, status="applied")
        assert isinstance(edit, Create)
        known = (
            [category.id for category in self.missions[edit.mission].categories]
            if edit.mission in self.missions
            else []
        )
        if edit.object in self.labels or edit.category not in known:
            reason = reason_for("unknown_category", mission=edit.mission, name=edit.category, known=", ".join(known))
            return EditResult(id=edit.id, status="refused", reason=reason)
        given = edit.model_dump(include=set(ObjectState.model_fields))
        about = {"id": edit.object, "project_id": "p", "media_id": question.media_id, "revision": 1, "author": "ada"}
        kind = edit.keyframes[0].geometry.kind
        self.labels[edit.object] = ObjectState(**given | about, annotation_type=kind, created_at=self.now)
        self.edits[edit.id] = edit.object
        return EditResult(id=edit.id, status="applied", object=self.labels[edit.object])

    @property
    def written(self) -> list[Any]:
        return [asked for asked in self.asked if isinstance(asked, questions.ApplyEdits | questions.SaveMission)]


def wanted(project: Project, content: bytes, **more: Any) -> questions.Import:
    project.objects.stored["key"] = content
    given: dict[str, Any] = {
        "id": "import-1",
        "project_id": "p",
        "name": "labels.zip",
        "object_key": "key",
        "format": None,
        "media": None,
        "mission": None,
        "dry_run": False,
        "add_classes": True,
        "state": "running",
        "progress": 0.0,
        "author": "ada",
        "created_at": 5.0,
    }
    return questions.Import(**given | more)


async def imported(project: Project, content: bytes, **more: Any) -> ImportProgress:
    work = ImportProgress()
    await import_archive(wanted(project, content, **more), work, project)  # type: ignore[arg-type]
    return work


def archive(format_name: str, *states: ObjectState) -> bytes:
    return b"".join(zipped(FORMATS[format_name].entries(dataset(MEDIA, states))))


STATES = [
    *(labeled(f"o{number}", media_id="m1", z_order=number) for number in range(3)),
    labeled("o8", media_id="i1", category="Tram"),
    shape_object("o9", ImageTag(), preferred_at=4.0),
]


@pytest.mark.parametrize("name", ["ezLabel JSON", "COCO 1.0"])
async def test_an_archive_becomes_objects_once(name: str) -> None:
    project, content = Project(), archive(name, *STATES)
    expected = 5 if name == "ezLabel JSON" else 4

    first = await imported(project, content)
    there = dict(project.labels)
    second = await imported(project, content, created_at=20.0)

    assert first.detected is not None
    assert first.detected.format == name
    assert (first.counts.created, first.counts.unchanged, first.counts.refused) == (expected, 0, 0), first.counts
    assert (second.counts.created, second.counts.unchanged, second.counts.refused) == (0, expected, 0)
    assert project.labels == there
    assert first.added == ["Object Detection: Tram"]
    assert second.added == []


async def test_a_killed_import_counts_the_objects_it_had_created() -> None:
    project, content = Project(), archive("ezLabel JSON", *STATES)
    await imported(project, content)

    again = await imported(project, content)

    assert (again.counts.created, again.counts.unchanged) == (5, 0)


async def test_a_dry_run_reports_the_same_and_writes_nothing() -> None:
    project, content = Project(), archive("ezLabel JSON", *STATES)

    dry = await imported(project, content, dry_run=True)
    written = project.written
    await imported(project, content)
    after = await imported(project, content, dry_run=True, created_at=20.0)

    assert (dry.counts.created, dry.added, written) == (5, ["Object Detection: Tram"], [])
    assert (after.counts.created, after.counts.unchanged) == (0, 5)


async def test_objects_of_unknown_classes_are_refused_unless_classes_are_added() -> None:
    project = Project()

    dry = await imported(project, archive("ezLabel JSON", *STATES), add_classes=False, dry_run=True)
    work = await imported(project, archive("ezLabel JSON", *STATES), add_classes=False)

    assert (work.counts.created, work.counts.refused) == (dry.counts.created, dry.counts.refused) == (4, 1)
    refusal = work.counts.skipped[0].reason
    assert (refusal.code, refusal.params["name"]) == ("unknown_category", "Tram")
    assert dry.counts.skipped[0].reason == reason_for("project_lacks_class", name="Object Detection: Tram")
    assert project.missions == {DETECTION.id: DETECTION}


async def test_an_archive_that_is_damaged_later_on_writes_nothing() -> None:
    good = json.dumps({"format": "ezlabel-json", "version": 1, "media": {"name": "c.jpg"}, "labels": [{"name": "x"}]})
    content = bytearray(packed({"a.json": good.encode(), "b.json": good.encode()}, 0))
    content[content.rindex(b"ezlabel-json")] ^= 1
    project = Project()

    with pytest.raises(Undecodable, match=r"damaged at b\.json"):
        await imported(project, bytes(content))

    assert project.written == []


@pytest.mark.parametrize(
    ("content", "more", "code"),
    [
        (b"\x00nothing", {}, "archive_not_supported"),
        (b"nothing", {}, "format_not_detected"),
        (packed({"a.txt": b"hello"}), {}, "format_not_detected"),
        (archive("COCO 1.0"), {"format": "ezLabel JSON"}, "format_mismatch_detected"),
    ],
)
async def test_an_unreadable_archive_is_refused(content: bytes, more: dict[str, Any], code: str) -> None:
    with pytest.raises(Undecodable) as refused:
        await imported(Project(), content, **more)

    assert refused.value.code == code


async def test_an_unknown_mission_is_refused() -> None:
    with pytest.raises(Problem, match=r"import_mission_unknown.*Nothing"):
        await imported(Project(), archive("COCO 1.0", *STATES), mission="Nothing")


async def test_a_cancelled_import_stops() -> None:
    project, work = Project(), ImportProgress()
    work.lease.stopped.set()

    with pytest.raises(JobStopped):
        await import_archive(wanted(project, archive("COCO 1.0", *STATES)), work, project)  # type: ignore[arg-type]

    assert project.written == []
