"""The id of an event never changes: a retry after an upgrade must be the same event, or work would be done twice."""

from typing import Any

import pytest
from pydantic import ValidationError

from common.contract import events
from common.contract.events import FACTS, JOBS, Event
from common.contract.media import Conditions, Footage

FOOTAGE = Footage(width=1, height=1, fps=25, frame_count=1, duration_s=0.04, clip_count=1)
CONDITIONS = Conditions(weather="Sunny", lighting="Day", fov="Unknown")
CLIP = {"media_id": "m1", "clip": 2, "rendition": "proxy"}
RUN = {"run_id": "r1", "media_id": "m1", "clip": 2}
EXPORT = {"export_id": "e1", "name": "n", "format": "coco"}
VERSION = {"version_id": "v1", "name": "V002"}
SAMPLES: dict[type[Event], dict[str, Any]] = {
    events.ProjectCreated: {"name": "n", "task_kind": "video", "owner": "u1"},
    events.MemberAdded: {"user_id": "u1", "role": "labeler", "revision": 3},
    events.MediaStored: {
        "media_id": "m1",
        "kind": "video",
        "name": "n",
        "object_key": "k",
        "content_type": "t",
        "size_bytes": 1,
        "conditions": CONDITIONS,
        "author": "u1",
    },
    events.MediaHashed: {"media_id": "m1", "sha256": "0" * 64},
    events.MediaDeleted: {"media_id": "m1"},
    events.MediaPlanned: {"media_id": "m1", "footage": FOOTAGE},
    events.ClipReady: {**CLIP, "first": 0, "last": 1, "index_key": "k", "width": 1, "height": 1, "fps": 25},
    events.MediaReady: {"media_id": "m1", "footage": FOOTAGE},
    events.MediaFailed: {"media_id": "m1", "reason": {"code": "c"}},
    events.RunChanged: {
        "run_id": "r1",
        "revision": 3,
        "state": "running",
        "kind": "detect",
        "model": "m",
        "media": ["m1"],
        "progress": 0.5,
        "frames_done": 1,
        "frames_total": 2,
    },
    events.LabelsSuggested: {
        **RUN,
        "first": 0,
        "last": 1,
        "object_key": "k",
        "count": 1,
        "model": "m",
        "accept": "auto",
        "author": "u1",
    },
    events.LabelsTracked: {
        "run_id": "r1",
        "media_id": "m1",
        "object_id": "o1",
        "first": 2,
        "last": 9,
        "object_key": "k",
        "author": "u1",
    },
    events.MissionChanged: {"mission_id": "s1", "revision": 3, "mission": None},
    events.LabelsReviewed: {
        "media_id": "m1",
        "suggestion_id": "g1",
        "run_id": "r1",
        "review": "accepted",
        "object_id": "o1",
        "reviewer": "u1",
        "at": 0.0,
    },
    events.AnnotationChanged: {
        "media_id": "m1",
        "change_id": "c1",
        "object_id": "o1",
        "revision": 3,
        "author": "u1",
        "at": 0.0,
    },
    events.ClipState: {"media_id": "m1", "clip": 2, "revision": 3, "label_state": "labeled", "objects": 1},
    events.ExportChanged: {**EXPORT, "revision": 3, "state": "done", "progress": 1},
    events.ExportReady: {**EXPORT, "object_key": "k", "size_bytes": 1, "sha256": "0" * 64},
    events.HashMedium: {"media_id": "m1", "object_key": "k", "size_bytes": 1},
    events.CutClip: CLIP,
    events.EncodeClip: {"media_id": "m1", "clip": 2},
    events.LabelClip: RUN,
    events.TrackObject: {"run_id": "r1", "media_id": "m1", "object_id": "o1", "first": 2, "last": 9},
    events.WriteExport: {"export_id": "e1"},
    events.ImportChanged: {"import_id": "i1", "name": "n", "revision": 3, "state": "done", "progress": 1},
    events.ReadArchive: {"import_id": "i1"},
    events.VersionPublished: VERSION | {"number": 2, "media": 1, "objects": 1, "sha256": "0" * 64, "author": "u1"},
    events.VersionChanged: VERSION | {"revision": 3, "is_current": True, "deleted": False},
}
IDS: dict[type[Event], str] = {
    events.ProjectCreated: "408d7643-87fe-546a-967b-157f032ebed2",
    events.MemberAdded: "d73d2274-2f13-5b7a-9022-c26759dd02a5",
    events.MediaStored: "bf8e4a45-8bb6-5398-890f-2e8bfbc60711",
    events.MediaHashed: "a89e3358-2631-5b41-a285-e011fb4a3a1d",
    events.MediaDeleted: "be165c37-0617-5cc3-8b9b-6d5a71fc845e",
    events.MediaPlanned: "998d9b07-8082-570f-9a54-4163c7b8c77e",
    events.ClipReady: "ec67313d-0ed9-55a0-bb91-ba7bc546a7a7",
    events.MediaReady: "94321e5c-ddfc-562a-89e5-25ce4b92f4a7",
    events.MediaFailed: "aeeb2323-dcfa-5ed4-8822-5547f957809d",
    events.RunChanged: "7b39dd97-796d-52aa-a8d6-f7e708c23f82",
    events.LabelsSuggested: "4dd3ea99-5ed8-5691-8173-9bff0f255fc0",
    events.LabelsTracked: "b09b03e2-bf6c-58f6-a12b-b7c6f43c255f",
    events.MissionChanged: "aa88cc1a-2c5f-542e-821b-56875000edde",
    events.LabelsReviewed: "525afea7-e1fc-5900-a7fe-40e80c2daaed",
    events.AnnotationChanged: "3cf09b4c-ffcb-5ee9-bac4-a7309f083ce6",
    events.ClipState: "fa6bb962-e079-576e-8f8b-046ee6d9703a",
    events.ExportChanged: "e06a0d52-0798-5d3c-9e51-94e7174e31c1",
    events.ExportReady: "99fea2de-e4ca-52a5-9384-f1f8ddc88fdd",
    events.HashMedium: "883825d7-f7f4-5347-9bf7-14541b5a6cbb",
    events.CutClip: "648b399f-1b8b-5c36-be57-e60582e35050",
    events.EncodeClip: "9250b8cf-c668-54f2-919b-4391efd795e7",
    events.LabelClip: "21ebb9af-6244-5b83-8a2b-6a5c8399b027",
    events.TrackObject: "53bc6644-7b38-543f-8a82-2cc2961ab369",
    events.WriteExport: "57591ebb-075b-519b-9253-26b850ab0c65",
    events.ImportChanged: "e0ef2721-8d06-5f50-a6fc-12589d2aefde",
    events.ReadArchive: "f8c411a6-668c-55d9-944d-1bc910538c0d",
    events.VersionPublished: "d44ffe00-c908-567d-9a12-d756c6fb6dde",
    events.VersionChanged: "a108e1ef-ec64-531b-88d5-67172e22bcd8",
}


def sample(event: type[Event]) -> Event:
    return event(project_id="acme", **SAMPLES[event])


def test_every_event_is_in_the_table() -> None:
    assert set(SAMPLES) == set(IDS) == {*FACTS, *JOBS}


@pytest.mark.parametrize("event", SAMPLES, ids=lambda event: event.type)
def test_the_id_is_stable(event: type[Event]) -> None:
    assert sample(event).id == IDS[event]


def test_ids_differ() -> None:
    assert len(set(IDS.values())) == len(IDS)


@pytest.mark.parametrize("event", SAMPLES, ids=lambda event: event.type)
def test_the_subject_is_type_version_and_project(event: type[Event]) -> None:
    assert sample(event).subject == f"{event.type}.v{event.version}.acme"


@pytest.mark.parametrize("project_id", ["", "Acme", "a.b", "a b", "*", ">", "a/b", "ä", "a" * 65, "a\n"])
def test_a_project_id_that_would_break_a_subject_is_refused(project_id: str) -> None:
    with pytest.raises(ValidationError):
        events.MediaDeleted(project_id=project_id, media_id="m1")


@pytest.mark.parametrize("project_id", ["a", "0", "acme-2", "a" * 64])
def test_a_project_id_of_lowercase_letters_digits_and_dashes_is_accepted(project_id: str) -> None:
    assert events.MediaDeleted(project_id=project_id, media_id="m1").subject == f"media.deleted.v1.{project_id}"
