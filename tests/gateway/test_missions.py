"""Missions over HTTP: saved with a revision, deleted with a target for their objects."""

import pytest

from common.contract import questions
from common.contract.errors import Problem
from common.contract.missions import Mission
from tests.gateway.conftest import Person
from tests.gateway.stub_services import StubServices

pytestmark = pytest.mark.servers


async def test_a_mission_is_saved_with_its_revision_and_moves(
    services: StubServices, ada: Person, project: str
) -> None:
    await services.answer(questions.SaveMission, lambda asked: asked.mission)
    car = {"name": "Car", "color": "#ff0000", "attributes": [{"name": "Lit", "kind": "bool", "mutable": True}]}
    body = {
        "id": "m1",
        "name": "Streets",
        "revision": 4,
        "categories": [car],
        "behaviors": [{"name": "Turns", "attributes": ["left"]}],
        "moves": [{"category": "Van", "to_category": "Car"}],
    }

    saved = await ada.http.post(f"/projects/{project}/missions", json=body)

    asked = services.last(questions.SaveMission)
    assert saved.status_code == 201, saved.text
    assert (saved.json()["id"], saved.json()["revision"]) == ("m1", 4)
    assert saved.json()["categories"][0]["attributes"][0]["id"] == "Lit"
    assert (asked.author, asked.moves[0].to_category) == (ada.id, "Car")
    assert asked.mission.behaviors[0].attributes == ["left"]


async def test_missions_are_idempotent_with_a_key(services: StubServices, ada: Person, project: str) -> None:
    await services.answer(questions.SaveMission, lambda asked: asked.mission)
    made = [
        await ada.http.post(f"/projects/{project}/missions", json={"name": "S"}, headers={"Idempotency-Key": key})
        for key in ("a", "a", "b")
    ]

    ids = [answer.json()["id"] for answer in made]
    assert (ids[0] == ids[1], ids[0] == ids[2]) == (True, False)


async def test_missions_and_their_use_are_listed(services: StubServices, ada: Person, project: str) -> None:
    use = questions.CategoryUse(mission="m1", category="Car", objects=12)
    await services.answer(questions.ListMissions, questions.MissionList(items=[Mission(id="m1", name="Streets")]))
    await services.answer(questions.ReadUse, questions.CategoryUses(items=[use]))

    missions = (await ada.http.get(f"/projects/{project}/missions")).json()
    used = (await ada.http.get(f"/projects/{project}/missions/use", params={"mission": "m1"})).json()

    assert [mission["name"] for mission in missions["items"]] == ["Streets"]
    assert used == {"items": [use.model_dump()], "next_cursor": None}
    assert services.last(questions.ReadUse).mission_id == "m1"


async def test_a_used_mission_is_not_deleted_without_a_target(
    services: StubServices, ada: Person, project: str
) -> None:
    await services.answer(questions.DeleteMission, Problem("changed_meanwhile"))
    refused = await ada.http.delete(f"/projects/{project}/missions/m1")
    await services.answer(questions.DeleteMission, questions.Empty())
    moves = [{"category": "Van", "to_category": "Car"}]

    deleted = await ada.http.request("DELETE", f"/projects/{project}/missions/m1?to=m2", json={"moves": moves})

    asked = services.last(questions.DeleteMission)
    assert (refused.status_code, refused.json()["code"]) == (409, "changed_meanwhile")
    assert deleted.status_code == 204
    assert (asked.mission_id, asked.to_mission, asked.moves[0].category) == ("m1", "m2", "Van")


async def test_a_labeler_adds_missions_but_cannot_delete_them(
    services: StubServices, ada: Person, eve: Person, project: str
) -> None:
    await services.answer(questions.SaveMission, lambda asked: asked.mission)
    await ada.http.post(f"/projects/{project}/members", json={"email": eve.email})

    added = await eve.http.post(f"/projects/{project}/missions", json={"name": "Mine"})
    deleted = await eve.http.delete(f"/projects/{project}/missions/m1")

    assert (added.status_code, deleted.status_code) == (201, 403)
