"""Project settings: who may change them, their valid values, and concurrent changes."""

import asyncio
from typing import Any

import pytest

from tests.gateway.conftest import Gateway, Person

pytestmark = pytest.mark.servers
UNCHANGED = {
    "outside": "keep",
    "sync_labels": False,
    "use_previous_label": False,
    "fixed_aspect": None,
    "undo_length": 100,
    "no_smoothing": False,
    "label_keys": {},
    "revision": 0,
}


async def test_settings_have_defaults_and_are_changed_one_by_one(ada: Person, project: str) -> None:
    path = f"/projects/{project}/settings"

    first = (await ada.http.get(f"/projects/{project}")).json()["settings"]
    changed = await ada.http.patch(path, json={"fixed_aspect": "4:3", "label_keys": {"1": "Car", "2": "Person"}})
    again = await ada.http.patch(path, json={"fixed_aspect": "4:3"})
    cleared = await ada.http.patch(path, json={"fixed_aspect": None, "undo_length": 7})
    read = (await ada.http.get(f"/projects/{project}")).json()["settings"]

    assert first == UNCHANGED
    assert changed.json() == UNCHANGED | {
        "fixed_aspect": "4:3",
        "label_keys": {"1": "Car", "2": "Person"},
        "revision": 1,
    }
    assert again.json() == changed.json()
    assert cleared.json() == read == changed.json() | {"fixed_aspect": None, "undo_length": 7, "revision": 2}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"outside": "explode"}, "outside"),
        ({"fixed_aspect": "4/3"}, "fixed_aspect"),
        ({"fixed_aspect": "0:3"}, "fixed_aspect"),
        ({"label_keys": {"12": "Car"}}, "label_keys.12.[key]"),
        ({"label_keys": {"1": ""}}, "label_keys.1"),
        ({"label_keys": {str(number): "Car" for number in range(11)}}, "label_keys"),
        ({"undo_length": -1}, "undo_length"),
        ({"sync_labels": None}, "sync_labels"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_invalid_settings_are_refused(ada: Person, project: str, change: dict[str, Any], field: str) -> None:
    answer = await ada.http.patch(f"/projects/{project}/settings", json=change)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_only_owners_and_admins_change_settings(ada: Person, eve: Person, project: str) -> None:
    path, change = f"/projects/{project}/settings", {"outside": "refuse"}
    stranger = await eve.http.patch(path, json=change)
    statuses = []

    for role in ("labeler", "developer", "admin"):
        await ada.http.post(f"/projects/{project}/members", json={"email": eve.email, "role": role})
        statuses.append((await eve.http.patch(path, json=change)).status_code)

    assert (stranger.status_code, statuses) == (404, [403, 403, 200])


async def test_a_change_of_stale_settings_is_a_conflict(ada: Person, project: str) -> None:
    path = f"/projects/{project}/settings"
    await ada.http.patch(path, json={"undo_length": 5, "revision": 0})

    late = await ada.http.patch(path, json={"undo_length": 9, "revision": 0})
    repeated = await ada.http.patch(path, json={"undo_length": 5, "revision": 0})

    assert (late.status_code, late.json()["code"], late.json()["params"]) == (409, "settings_changed", {"revision": 1})
    assert (repeated.status_code, repeated.json()["revision"]) == (200, 1)


async def test_concurrent_changes_of_settings_are_all_kept(gateway: Gateway, ada: Person, project: str) -> None:
    path = f"/projects/{project}/settings"

    answers = await asyncio.gather(
        ada.http.patch(path, json={"outside": "clamp"}), ada.http.patch(path, json={"undo_length": 3})
    )
    settings = (await ada.http.get(f"/projects/{project}")).json()["settings"]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert (settings["outside"], settings["undo_length"], settings["revision"]) == ("clamp", 3, 2)
