"""Objects, media labels, suggestions and changes over HTTP: access, questions and responses."""

import json

import pytest

from common.contract import questions
from common.contract.edits import EditResult
from common.contract.errors import Problem
from common.contract.labels import Keyframe, ObjectState
from common.geometry.types import Box
from tests.gateway.conftest import Person
from tests.gateway.stub_services import Json, StubServices, answer_media

pytestmark = pytest.mark.servers
BOX = Box(x1=1, y1=2, x2=3, y2=4)
DONE = questions.OperationResult(operation="op", applied=2)


def box_row(frame: int) -> questions.BoxRow:
    return questions.BoxRow(
        frame=frame, object_id="o1", category="c", x1=1, y1=2, x2=3, y2=4, key=True, source="manual"
    )


async def test_objects_are_listed_now_and_at_an_earlier_time(services: StubServices, ada: Person, medium: str) -> None:
    found = ObjectState(
        id="o1", project_id="p", media_id=medium, mission="m", category="c", keyframes=[], revision=3, author="a"
    )
    await services.answer(questions.ReadObjects, questions.ObjectList(objects=[found]))

    now = await ada.http.get(f"/media/{medium}/objects")
    then = await ada.http.get(f"/media/{medium}/objects", params={"first": 3, "last": 9, "at": 17.5})

    asked = services.last(questions.ReadObjects)
    assert now.json() == {"items": [json.loads(found.model_dump_json())], "next_cursor": None}
    assert then.json() == now.json()
    assert (asked.first, asked.last, asked.at) == (3, 9, 17.5)


async def test_no_objects_are_an_empty_list(services: StubServices, ada: Person, medium: str) -> None:
    await services.answer(questions.ReadObjects, questions.ObjectList(objects=[]))

    assert (await ada.http.get(f"/media/{medium}/objects")).json() == {"items": [], "next_cursor": None}


async def test_boxes_and_shapes_are_streamed_in_the_order_of_frames(
    services: StubServices, ada: Person, medium: str
) -> None:
    def boxes(asked: questions.ReadBoxes) -> questions.BoxRows:
        return questions.BoxRows(rows=[box_row(frame) for frame in range(asked.first, asked.last + 1)])

    def shapes(asked: questions.ReadShapes) -> questions.ShapeRows:
        return questions.ShapeRows(
            rows=[
                questions.ShapeRow(frame=frame, object_id="o1", category="c", geometry=BOX, key=False, source="quick")
                for frame in range(asked.first, asked.last + 1)
            ]
        )

    await services.answer(questions.ReadBoxes, boxes)
    await services.answer(questions.ReadShapes, shapes)

    for name in ("boxes", "shapes"):
        answer = await ada.http.get(f"/media/{medium}/{name}", params={"first": 7})
        rows = [json.loads(line) for line in answer.text.splitlines()]

        assert answer.headers["content-type"] == "application/x-ndjson"
        assert [row["frame"] for row in rows] == list(range(7, 250))
    assert rows[0]["geometry"]["kind"] == "bbox"
    assert services.count(questions.ReadShapes) == 3


async def test_a_refused_stream_is_a_problem(services: StubServices, ada: Person, medium: str) -> None:
    await services.answer(questions.ReadShapes, Problem("service_unavailable", service="annotation"))

    answer = await ada.http.get(f"/media/{medium}/shapes")

    assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")


async def test_time_points_and_changes_are_listed(
    services: StubServices, ada: Person, project: str, medium: str
) -> None:
    change = questions.ChangeEntry(
        object_id="o1", media_id=medium, revision=2, author="a", session=None, at=1, operation="op", edit={"verb": "x"}
    )
    await services.answer(
        questions.ListTimePoints, questions.TimePoints(items=[questions.TimePoint(frame=4, objects=["o1"])])
    )
    await services.answer(questions.ReadChanges, questions.Changes(items=[change], next_cursor="more"))

    points = await ada.http.get(f"/media/{medium}/time-points")
    of_medium = await ada.http.get(f"/media/{medium}/changes", params={"first": 1, "last": 5, "author": "a"})
    about_frames = services.last(questions.ReadChanges)
    of_project = await ada.http.get(f"/projects/{project}/changes", params={"media": medium, "cursor": "c", "limit": 7})
    about_all = services.last(questions.ReadChanges)

    assert points.json() == {"items": [{"frame": 4, "objects": ["o1"]}], "next_cursor": None}
    assert (of_medium.json()["items"][0]["edit"], of_medium.json()["next_cursor"]) == ({"verb": "x"}, "more")
    assert of_project.json() == of_medium.json()
    assert (about_frames.media_id, about_frames.first, about_frames.last) == (medium, 1, 5)
    assert about_frames.author == "a"
    assert (about_all.project_id, about_all.media_id, about_all.page.limit) == (project, medium, 7)
    assert about_all.page.cursor == "c"


async def test_a_reversed_frame_range_is_refused(services: StubServices, ada: Person, medium: str) -> None:
    for name in ("objects", "boxes", "shapes", "changes", "suggestions"):
        answer = await ada.http.get(f"/media/{medium}/{name}", params={"first": 5, "last": 4})

        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "last"), name


async def test_labels_of_another_project_are_not_found(
    services: StubServices, ada: Person, eve: Person, project: str, medium: str
) -> None:
    own = await eve.project()
    paths = [
        f"/media/{medium}/{name}" for name in ("objects", "boxes", "shapes", "time-points", "changes", "suggestions")
    ]
    paths += [
        f"/projects/{project}/{name}" for name in ("changes", "missions/use", "work", "labeling-time", "statistics")
    ]
    paths += [f"/projects/{project}/snapshots", f"/projects/{own}/changes?media={medium}"]
    paths += [f"/projects/{own}/work?media={medium}"]

    for path in paths:
        assert (await eve.http.get(path)).status_code == 404, path
    for path, body in {
        f"/media/{medium}/suggestions/decisions": {"decisions": [{"suggestion": "s1", "accept": True}]},
        f"/projects/{project}/labels": {"action": "add", "category": "c"},
        f"/projects/{project}/labels/sync": {},
        f"/projects/{project}/snapshots": {},
        f"/projects/{project}/work/w1/heartbeat": {},
        f"/projects/{own}/work/w1/heartbeat": {"media": medium},
    }.items():
        assert (await eve.http.post(path, json=body)).status_code == 404, path
    for path in (f"/projects/{project}/missions/m1", f"/projects/{project}/work/w1"):
        assert (await eve.http.delete(path)).status_code == 404, path


# ---- labels of whole media ----


async def test_labeling_media_is_one_operation(services: StubServices, ada: Person, project: str) -> None:
    await answer_media(services, project, "m1", "m2")
    await services.answer(questions.LabelMedia, DONE)
    body = {"action": "add", "category": "Night", "media": ["m1", "m2"], "spans": [[0, 9], [20, 29]]}
    key = {"Idempotency-Key": "k"}

    answer = await ada.http.post(f"/projects/{project}/labels", json=body, headers=key)
    first = services.last(questions.LabelMedia)
    await ada.http.post(f"/projects/{project}/labels", json=body, headers=key)

    assert answer.json()["applied"] == 2
    assert (first.action, first.category, first.media, first.spans) == (
        "add",
        "Night",
        ["m1", "m2"],
        [(0, 9), (20, 29)],
    )
    assert (first.author, first.operation) == (ada.id, services.last(questions.LabelMedia).operation)


async def test_labels_are_synchronized_for_all_media_or_some(services: StubServices, ada: Person, project: str) -> None:
    await answer_media(services, project, "m1")
    await services.answer(questions.SyncLabels, DONE)

    everything = await ada.http.post(f"/projects/{project}/labels/sync", json={})
    all_media = services.last(questions.SyncLabels).media
    await ada.http.post(f"/projects/{project}/labels/sync", json={"media": ["m1"]})

    assert (everything.status_code, all_media, services.last(questions.SyncLabels).media) == (200, None, ["m1"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"action": "add", "category": "c", "media": ["m1", "strange"]}, "media"),
        ({"action": "add", "category": "c", "spans": [[9, 3]]}, "last"),
        ({"action": "add", "category": "c", "spans": [[1, 2, 3]]}, "spans.0"),
        ({"action": "paint", "category": "c"}, "action"),
        ({"action": "add"}, "category"),
    ],
)
async def test_an_invalid_media_label_is_refused(
    services: StubServices, ada: Person, project: str, body: Json, field: str
) -> None:
    await answer_media(services, project, "m1")

    answer = await ada.http.post(f"/projects/{project}/labels", json=body)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


# ---- suggestions ----


async def test_suggestions_are_listed_by_frames_and_review(services: StubServices, ada: Person, medium: str) -> None:
    waiting = questions.PendingSuggestion(
        id="s1",
        media_id=medium,
        run_id="r1",
        model="m",
        label="car",
        score=0.5,
        keyframes=[Keyframe(frame=0, geometry=BOX)],
        review="pending",
    )
    await services.answer(questions.ListSuggestions, questions.SuggestionList(items=[waiting]))

    listed = await ada.http.get(f"/media/{medium}/suggestions", params={"first": 0, "last": 9, "run": "r1"})
    usual = services.last(questions.ListSuggestions)
    await ada.http.get(f"/media/{medium}/suggestions", params={"review": "all"})

    assert listed.json()["items"] == [json.loads(waiting.model_dump_json())]
    assert (usual.review, usual.first, usual.last, usual.run_id) == ("pending", 0, 9, "r1")
    assert services.last(questions.ListSuggestions).review is None


async def test_each_review_decision_has_its_own_result(services: StubServices, ada: Person, medium: str) -> None:
    def reviewed(asked: questions.ReviewSuggestions) -> questions.ReviewResults:
        return questions.ReviewResults(
            results=[EditResult(id=decision.suggestion, status="applied") for decision in asked.decisions]
        )

    await services.answer(questions.ReviewSuggestions, reviewed)
    path, good = f"/media/{medium}/suggestions/decisions", {"suggestion": "s1", "accept": True}

    usual = await ada.http.post(path, json={"decisions": [good]}, headers={"X-Work-Session": "w1"})
    asked = services.last(questions.ReviewSuggestions)
    mixed = await ada.http.post(
        path, json={"decisions": [{"suggestion": "s0"}, good, {"suggestion": "s2", "accept": 5}]}
    )
    none = await ada.http.post(path, json={"decisions": []})

    assert usual.json()["results"][0]["id"] == "s1"
    assert (asked.author, asked.session, asked.media_id, asked.rules.outside) == (ada.id, "w1", medium, "keep")
    assert [(result["id"], result["status"]) for result in mixed.json()["results"]] == [
        ("s0", "refused"),
        ("s1", "applied"),
        ("s2", "refused"),
    ]
    assert "accept" in mixed.json()["results"][0]["reason"]["message"]
    assert none.status_code == 422
