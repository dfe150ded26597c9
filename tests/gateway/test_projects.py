"""Projects and members: access rights, and published events."""

import asyncio

import nats
import orjson
import pytest

from tests.gateway.conftest import Gateway, Person, new_address

pytestmark = pytest.mark.servers
NOBODYS = "0123456789abcdefghjk"


async def published(gateway: Gateway, project: str) -> list[tuple[str, str]]:
    """The events about a project in the stream: subject and id."""
    client = await nats.connect(gateway.servers.nats.url("admin"))
    jetstream = client.jetstream()
    last = (await jetstream.stream_info("PROJECTS")).state.last_seq
    stored = [await jetstream.get_msg("PROJECTS", seq=sequence) for sequence in range(1, last + 1)]
    await client.close()
    return [
        (str(event.subject), (event.headers or {})["ce-id"]) for event in stored if str(event.subject).endswith(project)
    ]


async def test_a_new_project_is_published_and_idempotent_with_a_key(gateway: Gateway, ada: Person) -> None:
    body, key = {"name": "Streets", "task_kind": "video"}, {"Idempotency-Key": "once"}

    first = (await ada.http.post("/projects", json=body, headers=key)).json()
    second = (await ada.http.post("/projects", json=body, headers=key)).json()

    assert first["id"] == second["id"]
    assert first["role"] == "owner"
    events = await published(gateway, first["id"])
    assert [subject for subject, _ in events] == [
        f"project.created.v1.{first['id']}",
        f"member.added.v1.{first['id']}",
    ]


async def test_keys_of_different_users_are_independent(ada: Person, eve: Person) -> None:
    body, key = {"name": "Streets", "task_kind": "video"}, {"Idempotency-Key": "mine"}

    hers = await ada.http.post("/projects", json=body, headers=key)
    other = await eve.http.post("/projects", json=body, headers=key)

    assert hers.json()["id"] != other.json()["id"]


async def test_events_of_a_killed_gateway_are_published_later(gateway: Gateway, ada: Person) -> None:
    dependencies = gateway.app.state.dependencies
    project = await dependencies.projects.create("left-behind", "Left", "video", ada.id, dependencies.clock())

    async with asyncio.timeout(20):
        while await dependencies.projects.unpublished_of(project.id):
            await asyncio.sleep(0.2)

    assert len(await published(gateway, project.id)) == 2
    assert "outbox_since" not in await gateway.database.projects.find_one({"_id": project.id})


async def test_projects_are_paged_newest_first(ada: Person) -> None:
    made = [await ada.project(f"Project {number}") for number in range(5)]

    first = (await ada.http.get("/projects", params={"limit": 3})).json()
    rest = (await ada.http.get("/projects", params={"limit": 3, "cursor": first["next_cursor"]})).json()

    assert [item["id"] for item in first["items"] + rest["items"]][:5] == made[::-1]
    assert (await ada.http.get("/projects", params={"limit": 500})).json()["next_cursor"] is None


async def test_foreign_and_missing_projects_are_the_same_404(ada: Person, eve: Person) -> None:
    project = await ada.project()
    paths = ["", "/members", "/media", "/missions", "/runs", "/exports", "/subscribers"]

    for path in paths:
        hers = await eve.http.get(f"/projects/{project}{path}")
        nobodys = await eve.http.get(f"/projects/{NOBODYS}{path}")
        strange = await eve.http.get(f"/projects/a.b>*{path}")

        assert [hers.status_code, nobodys.status_code, strange.status_code] == [404] * 3, path
        assert hers.json() == nobodys.json() == strange.json()
    assert (await eve.http.post(f"/projects/{project}/members", json={"email": eve.email})).status_code == 404


async def test_members_have_the_rights_of_their_role(gateway: Gateway, ada: Person, eve: Person) -> None:
    project = await ada.project()

    added = await ada.http.post(f"/projects/{project}/members", json={"email": eve.email.upper()})
    again = await ada.http.post(f"/projects/{project}/members", json={"email": eve.email})
    seen = await eve.http.get(f"/projects/{project}")
    may_not = await eve.http.post(f"/projects/{project}/members", json={"email": ada.email})
    raised = await ada.http.post(f"/projects/{project}/members", json={"email": eve.email, "role": "admin"})
    everyone = (await eve.http.get(f"/projects/{project}/members")).json()["items"]

    assert (added.json()["role"], again.json()) == ("labeler", added.json())
    assert seen.json()["role"] == "labeler"
    assert (may_not.status_code, "labeler" in may_not.json()["detail"]) == (403, True)
    assert raised.json()["role"] == "admin"
    assert [(member["name"], member["role"]) for member in everyone] == [("Ada", "owner"), ("Eve", "admin")]
    events = [event for event in await published(gateway, project) if event[0].startswith("member.added")]
    assert len({event_id for _, event_id in events}) == len(events) == 3


async def test_the_owner_cannot_be_removed(ada: Person, eve: Person) -> None:
    project = await ada.project()
    await ada.http.post(f"/projects/{project}/members", json={"email": eve.email, "role": "admin"})

    demoted = await eve.http.post(f"/projects/{project}/members", json={"email": ada.email, "role": "labeler"})
    thrown_out = await eve.http.delete(f"/projects/{project}/members/{ada.id}")
    left = await ada.http.delete(f"/projects/{project}/members/{eve.id}")

    assert (demoted.status_code, thrown_out.status_code, left.status_code) == (409, 404, 204)
    assert (await eve.http.get(f"/projects/{project}")).status_code == 404


async def test_only_accounts_can_be_added(ada: Person) -> None:
    project = await ada.project()

    answer = await ada.http.post(f"/projects/{project}/members", json={"email": new_address()})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "email")


async def test_concurrent_changes_of_members_are_all_kept(gateway: Gateway, ada: Person) -> None:
    dependencies = gateway.app.state.dependencies
    project = await dependencies.projects.find(await ada.project())
    assert project is not None

    first = await dependencies.projects.put_member(project, "u1", "labeler", dependencies.clock())
    stale = await dependencies.projects.put_member(project, "other", "labeler", dependencies.clock())

    assert first is not None
    assert stale is None


async def test_events_have_schemas(ada: Person) -> None:
    types = (await ada.http.get("/schemas")).json()["items"]

    schema = (await ada.http.get("/schemas/annotation.changed.v1")).json()

    assert "annotation.changed.v1" in types
    assert not any(name.startswith("job.") for name in types)
    assert {"object_id", "revision", "author"} <= set(schema["required"])
    assert (await ada.http.get("/schemas/job.cut_clip.v1")).status_code == 404


async def test_queries_use_indexes(gateway: Gateway, ada: Person) -> None:
    project = await ada.project()
    queries = {
        "projects": ({"members.user_id": ada.id}, [("sort_key", -1)]),
        "tokens": ({"user_id": ada.id}, [("_id", -1)]),
        "subscribers": ({"project_id": project}, [("_id", -1)]),
        "users": ({"email": ada.email}, [("_id", 1)]),
    }

    for name, (query, order) in queries.items():
        plan = await gateway.database[name].find(query).sort(order).explain()

        assert "COLLSCAN" not in orjson.dumps(plan["queryPlanner"]["winningPlan"]).decode(), name
