"""Edits over HTTP: validated one by one, with the project's rules, idempotent."""

import json
import time
from typing import Any

import pytest

from common.contract import questions
from common.contract.edits import EditResult
from common.contract.errors import Problem
from common.contract.labels import ObjectState
from tests.gateway.conftest import Gateway, Person
from tests.gateway.stub_services import Json, StubServices

pytestmark = pytest.mark.servers
BOX = {"kind": "bbox", "x1": 1.5, "y1": 2, "x2": 30, "y2": 40}


def put(edit_id: str, **other: Any) -> Json:
    """An edit that sets a box."""
    edit = {"id": edit_id, "object": "o1", "base_revision": 1, "verb": "put_keyframe"}
    return edit | {"keyframe": {"frame": 3, "geometry": BOX}} | other


def applied(asked: questions.ApplyEdits) -> questions.EditResults:
    """All edits are applied."""
    return questions.EditResults(results=[EditResult(id=edit.id, status="applied", revision=2) for edit in asked.edits])


async def send(person: Person, medium: str, body: str) -> Any:
    return await person.http.post(
        f"/media/{medium}/edits", content=body.encode(), headers={"Content-Type": "application/json"}
    )


async def test_an_edit_reaches_annotation_with_author_and_session(
    services: StubServices, ada: Person, medium: str
) -> None:
    answer = await ada.http.post(f"/media/{medium}/edits", json={"edits": [put("e1")]}, headers={"X-Work-Session": "w"})

    asked = services.last(questions.ApplyEdits)
    assert answer.json()["results"][0] | {"others": []} == json.loads(applied(asked).results[0].model_dump_json())
    assert (asked.author, asked.session, asked.frame_count, asked.atomic) == (ada.id, "w", 250, False)
    assert (asked.media_id, asked.rules.outside) == (medium, "keep")
    assert asked.edits[0].keyframe.geometry.x1 == 1.5


@pytest.fixture(autouse=True)
async def applying(services: StubServices) -> None:
    await services.answer(questions.ApplyEdits, applied)


MALFORMED: dict[str, tuple[str, str]] = {
    "not a number": (json.dumps(put("bad")).replace("1.5", "NaN"), "finite"),
    "infinite": (json.dumps(put("bad")).replace("1.5", "-Infinity"), "finite"),
    "too large for a float": (json.dumps(put("bad")).replace("1.5", "1e999"), "finite"),
    "no such verb": (json.dumps(put("bad", verb="explode")), "explode"),
    "no verb": ('{"id": "bad", "object": "o1", "base_revision": 1}', "verb"),
    "a text for a shape": (json.dumps(put("bad", keyframe={"frame": 3, "geometry": "box"})), "geometry"),
    "a negative frame": (json.dumps(put("bad", keyframe={"frame": -1, "geometry": BOX})), "frame"),
    "deep": ('{"id": "bad", "verb": ' + "[" * 300 + "]" * 300 + "}", "nested"),
    "no object": ("5", "object"),
    "half a character": ('{"id": "bad", "object": "\\ud800", "base_revision": 1, "verb": "delete"}', "string"),
    "strange id": (json.dumps(put("../..")), "id"),
}


@pytest.mark.parametrize(("bad", "word"), MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_edit_is_refused_with_a_reason_and_the_others_are_applied(
    services: StubServices, ada: Person, medium: str, bad: str, word: str
) -> None:
    good = [json.dumps(put("first")), json.dumps(put("last"))]

    answer = await send(ada, medium, '{"edits": [' + ", ".join([good[0], bad, good[1]]) + "]}")

    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [result["status"] for result in results] == ["applied", "refused", "applied"]
    assert [results[0]["id"], results[2]["id"]] == ["first", "last"]
    assert results[1]["id"] in ("bad", "")
    assert word in results[1]["reason"]["message"]
    assert [edit.id for edit in services.last(questions.ApplyEdits).edits] == ["first", "last"]


async def test_an_atomic_batch_with_a_malformed_edit_is_not_applied(
    services: StubServices, ada: Person, medium: str
) -> None:
    answer = await ada.http.post(
        f"/media/{medium}/edits", json={"atomic": True, "edits": [put("e1"), {"id": "bad"}, put("e3")]}
    )

    results = answer.json()["results"]
    assert [(result["id"], result["status"]) for result in results] == [
        ("e1", "refused"),
        ("bad", "refused"),
        ("e3", "refused"),
    ]
    assert results[0]["reason"]["code"] == "batch_not_applied"
    assert services.count(questions.ApplyEdits) == 0


async def test_a_batch_of_malformed_edits_does_not_reach_annotation(
    services: StubServices, ada: Person, medium: str
) -> None:
    answer = await ada.http.post(f"/media/{medium}/edits", json={"edits": [{"id": "bad"}]})

    assert (answer.status_code, answer.json()["results"][0]["status"]) == (200, "refused")
    assert services.count(questions.ApplyEdits) == 0


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 422, "json_invalid"),
        ("[]", 422, "dict_type"),
        ('{"edits": 5}', 422, "batch_size"),
        ('{"edits": []}', 422, "batch_size"),
        (json.dumps({"edits": [put(f"e{number}") for number in range(501)]}), 422, "batch_size"),
        (json.dumps({"edits": [put("e1")], "atomic": "perhaps"}), 422, "bool_type"),
        ("[" * 200_000, 422, "json_invalid"),
        ('{"edits": ' + "[" * 200_000 + "]" * 200_000 + "}", 422, "json_invalid"),
        ('{"edits": [' + "9" * 6000 + "]}", 422, "json_invalid"),
        ('{"edits": ["' + "x" * (11 * 1024 * 1024) + '"]}', 413, "body_too_large"),
    ],
    ids=["cut", "no object", "no list", "none", "501", "atomic", "deep", "deep inside", "long number", "large"],
)
async def test_a_body_without_edits_is_refused(
    services: StubServices, ada: Person, medium: str, body: str, status: int, code: str
) -> None:
    answer = await send(ada, medium, body)

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text[:500]
    assert services.count(questions.ApplyEdits) == 0


async def test_a_body_that_is_not_json_is_refused(services: StubServices, ada: Person, medium: str) -> None:
    answer = await ada.http.post(
        f"/media/{medium}/edits", content=json.dumps({"edits": [put("e1")]}), headers={"Content-Type": "text/plain"}
    )

    assert answer.status_code == 415


async def test_megabytes_of_malformed_edits_are_refused(services: StubServices, ada: Person, medium: str) -> None:
    bombs = ["[[" + "],[".join([""] * 1_500_000) + "]]", "{" + ",".join(f'"{n}":[]' for n in range(300_000)) + "}"]
    for bomb in bombs:
        shape = '{"frame": 0, "geometry": {"kind": "polyline", "points": ' + bomb + '}, "attributes": ' + bomb + "}"
        started = time.process_time()

        edit = '{"id": "bad", "object": "o", "base_revision": 1, "verb": "put_keyframe", "keyframe": ' + shape + "}"
        answer = await send(ada, medium, '{"edits": [' + edit + "]}")

        assert answer.json()["results"][0]["status"] == "refused", answer.text[:300]
        assert len(answer.content) < 2000
        assert time.process_time() - started < 10


async def test_a_large_batch_is_applied(services: StubServices, ada: Person, medium: str) -> None:
    edits = [put(f"e{number}", keyframe={"frame": number, "geometry": BOX}) for number in range(500)]
    assert len(json.dumps(edits)) > 64 * 1024

    answer = await ada.http.post(f"/media/{medium}/edits", json={"edits": edits, "atomic": True})

    assert [result["id"] for result in answer.json()["results"]] == [edit["id"] for edit in edits]
    assert services.last(questions.ApplyEdits).atomic


async def test_edits_carry_the_rules_of_the_project(
    services: StubServices, ada: Person, project: str, medium: str
) -> None:
    await ada.http.post(f"/media/{medium}/edits", json={"edits": [put("e1")]})
    await ada.http.patch(f"/projects/{project}/settings", json={"outside": "clamp", "sync_labels": True})
    await services.answer(questions.EditSelection, questions.OperationResult(operation="op", applied=1))

    await ada.http.post(f"/media/{medium}/edits", json={"edits": [put("e2")]})
    await ada.http.post(f"/media/{medium}/operations", json={"selection": {}, "change": {"verb": "delete"}})

    for asked in (services.last(questions.ApplyEdits), services.last(questions.EditSelection)):
        assert (asked.rules.outside, asked.rules.sync_labels) == ("clamp", True)


ACTS: dict[str, tuple[Any, Json]] = {
    "operations": (questions.EditSelection, {"selection": {"objects": ["o1"]}, "change": {"verb": "delete"}}),
    "undo": (questions.UndoEdits, {"count": 3, "session": "w1"}),
    "restore": (questions.RestoreMoment, {"at": 17.5, "first": 0, "last": 99}),
}


@pytest.mark.parametrize("name", ACTS)
async def test_operations_are_idempotent_with_a_key(
    services: StubServices, ada: Person, medium: str, name: str
) -> None:
    question, body = ACTS[name]
    await services.answer(question, lambda asked: questions.OperationResult(operation=asked.operation, applied=2))

    async def act(key: str | None, path: str = medium) -> str:
        headers = {"Idempotency-Key": key} if key else {}
        answer = await ada.http.post(f"/media/{path}/{name}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["operation"])

    ids = [
        await act("k1"),
        await act("k1"),
        await act("k2"),
        await act(None),
        await act(None),
        await act("k1", f"{medium}-2"),
    ]

    assert ids[0] == ids[1]
    assert len(set(ids)) == 5
    assert (services.last(question).author, services.last(question).media_id) == (ada.id, f"{medium}-2")


async def test_operations_reach_annotation_with_their_parameters(
    services: StubServices, ada: Person, medium: str
) -> None:
    for question, _ in ACTS.values():
        await services.answer(question, questions.OperationResult(operation="op", applied=2))
    for name, (_, body) in ACTS.items():
        await ada.http.post(f"/media/{medium}/{name}", json=body)

    selection, undo, moment = (services.last(question) for question, _ in ACTS.values())
    assert (selection.selection.objects, selection.change) == (["o1"], {"verb": "delete"})
    assert (undo.count, undo.of, undo.of_session) == (3, ada.id, "w1")
    assert (moment.at, moment.first, moment.last) == (17.5, 0, 99)


@pytest.mark.parametrize(
    ("name", "body", "field"),
    [
        ("operations", {"change": {"verb": "delete"}}, "selection"),
        ("operations", {"selection": {}, "change": {"a": {str(n): n for n in range(500)}}}, "change"),
        ("operations", {"selection": {"first": 9, "last": 3}, "change": {"verb": "delete"}}, "last"),
        ("undo", {"count": 0}, "count"),
        ("restore", {}, "at"),
        ("restore", {"at": 1, "first": 9, "last": 3}, "last"),
    ],
)
async def test_invalid_operations_do_not_reach_annotation(
    services: StubServices, ada: Person, medium: str, name: str, body: Json, field: str
) -> None:
    answer = await ada.http.post(f"/media/{medium}/{name}", json=body)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_a_problem_of_annotation_is_the_response(services: StubServices, ada: Person, medium: str) -> None:
    await services.answer(questions.EditSelection, Problem.of_field("verb", "invalid_value"))

    answer = await ada.http.post(f"/media/{medium}/operations", json={"selection": {}, "change": {"verb": "fly"}})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_value")


async def test_restoring_a_revision_is_an_edit(services: StubServices, ada: Person, project: str, medium: str) -> None:
    object_id = f"o-{project}"
    await services.answer(
        questions.FindObject,
        questions.ObjectOwner(object_id=object_id, project_id=project, media_id=medium, revision=7),
    )

    def conflict(asked: questions.ApplyEdits) -> questions.EditResults:
        return questions.EditResults(results=[EditResult(id=asked.edits[0].id, status="conflict", revision=8)])

    key = {"Idempotency-Key": "k"}
    first = await ada.http.post(f"/objects/{object_id}/restore", json={"revision": 2}, headers=key)
    again = await ada.http.post(f"/objects/{object_id}/restore", json={"revision": 2}, headers=key)
    asked = services.last(questions.ApplyEdits)
    await services.answer(questions.ApplyEdits, conflict)
    late = await ada.http.post(f"/objects/{object_id}/restore", json={"revision": 2})

    assert first.json()["id"] == again.json()["id"]
    assert (asked.media_id, asked.edits[0].base_revision, asked.edits[0].revision) == (medium, 7, 2)
    assert (late.status_code, late.json()["revision"]) == (409, 8)


def state(object_id: str, project: str, medium: str) -> ObjectState:
    keyframes = [{"frame": 0, "geometry": BOX}]
    fixed = {"mission": "Object Detection", "category": "Vehicle", "revision": 1, "author": "u1"}
    return ObjectState.model_validate(
        {"id": object_id, "project_id": project, "media_id": medium, "keyframes": keyframes, **fixed}
    )


async def test_results_of_annotation_are_returned_unchanged(
    services: StubServices, ada: Person, project: str, medium: str
) -> None:
    given = questions.EditResults(
        results=[EditResult(id="e1", status="conflict", revision=4, object=state("o1", project, medium))]
    )
    await services.answer(questions.ApplyEdits, given)

    answer = await ada.http.post(f"/media/{medium}/edits", json={"edits": [put("e1")]})
    mixed = await ada.http.post(f"/media/{medium}/edits", json={"edits": [{"id": "bad"}, put("e1")]})

    assert answer.text == given.model_dump_json()
    assert mixed.json()["results"][1] == answer.json()["results"][0]


async def test_a_medium_of_another_project_is_not_found(services: StubServices, eve: Person, medium: str) -> None:
    answers = [await eve.http.post(f"/media/{medium}/edits", json={"edits": [put("e1")]})]
    answers += [await eve.http.post(f"/media/{medium}/{name}", json=body) for name, (_, body) in ACTS.items()]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert services.count(questions.ApplyEdits) == 0


async def test_the_openapi_document_has_the_schema_of_edits(gateway: Gateway, ada: Person) -> None:
    described = (await ada.http.get(f"{gateway.url}/api/openapi.json")).json()

    body = described["paths"]["/api/v1/media/{medium}/edits"]["post"]["requestBody"]["content"]["application/json"]
    schemas = described["components"]["schemas"]
    assert body["schema"] == {"$ref": "#/components/schemas/Edits"}
    verbs = schemas["Edits"]["properties"]["edits"]["items"]["discriminator"]["mapping"]
    assert {"create", "split", "merge", "revert", "put_generated"} <= set(verbs)
    for reference in references(described):
        assert reference.removeprefix("#/components/schemas/") in schemas, reference


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        here = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return here + [found for value in node.values() for found in references(value)]
    return [found for value in node for found in references(value)] if isinstance(node, list) else []
