"""Quick label runs: their questions, and the errors of incomplete ones."""

import pytest

from common.contract import questions
from tests.gateway.conftest import Person
from tests.gateway.stub_services import Json, StubServices

pytestmark = pytest.mark.servers


DETECTOR = questions.ModelCard(
    id="nano",
    name="Nano",
    origin="builtin",
    task="detect",
    labels=["car"],
    threshold=0.4,
    licence="Apache-2.0",
    size_bytes=1,
)


def run_of(asked: questions.StartRun) -> questions.Run:
    given = asked.model_dump(include={"kind", "model", "media", "accept", "author", "object_id", "first", "last"})
    fixed: Json = {"id": asked.run_id, "project_id": asked.project_id, "threshold": 0.5, "state": "queued"}
    return questions.Run.model_validate(
        given | fixed | {"progress": 0, "frames_done": 0, "frames_total": 0, "created_at": 0}
    )


async def test_an_object_is_tracked_between_two_keyframes(
    services: StubServices, ada: Person, project: str, medium: str
) -> None:
    object_id = f"o-{project}"
    await services.answer(
        questions.FindObject,
        questions.ObjectOwner(object_id=object_id, project_id=project, media_id=medium, revision=1),
    )
    await services.answer(questions.StartRun, run_of)
    await services.answer(questions.ListModels, questions.ModelList(items=[DETECTOR]))
    body = {"kind": "quick", "object": object_id, "first": 3, "last": 30, "model": "own"}

    started = await ada.http.post(f"/projects/{project}/runs", json=body)
    long = services.last(questions.StartRun)
    short = await ada.http.post(f"/objects/{object_id}/quick", json={}, headers={"Idempotency-Key": "k"})
    again = await ada.http.post(f"/objects/{object_id}/quick", json={}, headers={"Idempotency-Key": "k"})

    assert started.status_code == 201, started.text
    assert (long.kind, long.object_id, long.first, long.last, long.media) == ("quick", object_id, 3, 30, [medium])
    assert (services.last(questions.StartRun).first, services.last(questions.StartRun).kind) == (None, "quick")
    assert (long.model, services.last(questions.StartRun).model) == ("own", DETECTOR.id)
    assert short.json()["id"] == again.json()["id"] != started.json()["id"]


async def test_tracking_needs_a_detector(services: StubServices, ada: Person, project: str, medium: str) -> None:
    object_id = f"o-{project}"
    await services.answer(
        questions.FindObject,
        questions.ObjectOwner(object_id=object_id, project_id=project, media_id=medium, revision=1),
    )
    await services.answer(questions.ListModels, questions.ModelList(items=[]))

    answer = await ada.http.post(f"/objects/{object_id}/quick", json={})

    assert (answer.status_code, answer.json()["code"]) == (409, "no_detector")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "quick", "first": 1, "last": 2}, "object"),
        ({"kind": "quick", "object": "OBJECT", "last": 2}, "first"),
        ({"kind": "quick", "object": "OBJECT", "first": 2}, "last"),
        ({"kind": "quick", "object": "OBJECT", "first": 9, "last": 2}, "last"),
        ({"kind": "detect", "media": ["m1"]}, "model"),
        ({"kind": "detect", "model": "m"}, "media"),
    ],
)
async def test_an_incomplete_run_names_the_field(
    services: StubServices, ada: Person, project: str, medium: str, body: Json, field: str
) -> None:
    object_id = f"o-{project}"
    await services.answer(
        questions.FindObject,
        questions.ObjectOwner(object_id=object_id, project_id=project, media_id=medium, revision=1),
    )
    body = {name: object_id if value == "OBJECT" else value for name, value in body.items()}

    answer = await ada.http.post(f"/projects/{project}/runs", json=body)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert answer.json()["errors"][0]["message"].endswith(".")


async def test_an_object_of_another_project_is_not_tracked(
    services: StubServices, ada: Person, eve: Person, project: str
) -> None:
    object_id, own = f"o-{project}", await eve.project()
    await services.answer(
        questions.FindObject, questions.ObjectOwner(object_id=object_id, project_id=project, media_id="m1", revision=1)
    )
    body = {"kind": "quick", "object": object_id, "first": 3, "last": 30}

    answers = [
        await eve.http.post(f"/objects/{object_id}/quick", json={}),
        await eve.http.post(f"/projects/{own}/runs", json=body),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
