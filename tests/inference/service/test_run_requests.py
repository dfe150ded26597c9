"""Lists of runs, refused runs and the queries behind them, on real servers, with real clips and the real detector."""

from typing import Any

import pytest

from common.contract.errors import Problem
from common.contract.questions import CancelRun, GetRun, ListRuns, PageRequest
from common.messaging.bus import Bus
from common.service.settings import Settings
from common.storage.mongo import database
from deploy.local.servers import EmbeddedServers
from inference.runs.repository import RunRepository
from tests.inference.service.world import PROJECT, ended, start

pytestmark = pytest.mark.servers


async def test_runs_are_listed_newest_first_page_by_page(asker: Bus, street: str) -> None:
    ids = [(await asker.ask(start(street))).id for _ in range(3)]
    first = await asker.ask(ListRuns(project_id=PROJECT, page=PageRequest(limit=2)))
    second = await asker.ask(ListRuns(project_id=PROJECT, page=PageRequest(limit=2, cursor=first.next_cursor)))
    assert [run.id for run in (*first.items, *second.items)][:3] == ids[::-1]
    for run_id in ids:
        await ended(asker, run_id)
    assert (await asker.ask(ListRuns(project_id="another", page=PageRequest()))).items == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"model": "yolo-99"}, "unknown_model"),
        ({"media": ["nowhere"]}, "medium_not_found"),
        ({"project_id": "p2"}, "medium_not_found"),
        ({"clips": [7]}, "no_such_clips"),
    ],
)
async def test_a_run_that_cannot_be_is_refused(asker: Bus, street: str, fields: dict[str, Any], code: str) -> None:
    with pytest.raises(Problem) as refused:
        await asker.ask(start(street, **fields))
    assert refused.value.code == code


async def test_a_run_that_is_not_there_is_not_found(asker: Bus) -> None:
    for question in (GetRun(run_id="none"), CancelRun(run_id="none")):
        with pytest.raises(Problem, match="not_found"):
            await asker.ask(question)
    with pytest.raises(Problem, match="invalid_cursor"):
        await asker.ask(ListRuns(project_id=PROJECT, page=PageRequest(cursor="nonsense")))


async def test_no_query_scans(servers: EmbeddedServers, store: RunRepository) -> None:
    db = database(Settings.model_validate(servers.settings("inference")))
    queries = [
        ("runs", {"find": "runs", "filter": {"project_id": "p"}, "sort": {"created_at": -1, "_id": -1}}),
        ("runs", {"find": "runs", "filter": {"unpublished": True, "changed_at": {"$lt": 1}}}),
        ("tasks", {"find": "tasks", "filter": {"run_id": "r", "state": "open"}}),
        ("tasks", {"find": "tasks", "filter": {"media_id": "m"}}),
    ]
    for _, query in queries:
        plan = await db.command({"explain": query, "verbosity": "queryPlanner"})
        assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])
