"""Statistics of a project: their values, and that they are computed from indexes."""

from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from annotation.statistics.repository import pipeline
from common.contract.edits import Delete, SetAttributes
from common.contract.errors import ErrorKind, Problem
from common.contract.questions import ReadStatistics
from common.contract.questions.snapshots import Dimension
from common.service.ids import new_id

pytestmark = pytest.mark.servers
TODAY = datetime.now(UTC).strftime("%Y-%m-%d")


def request(medium: Any, *by: str, measure: str = "objects", **more: Any) -> ReadStatistics:
    return ReadStatistics(project_id=medium.project_id, measure=measure, by=list(by), **more)


async def counted(stores: Any, medium: Any, *by: str, **more: Any) -> dict[tuple[str | None, ...], float]:
    rows = (await stores.statistics.read(request(medium, *by, **more))).rows
    assert [row.value for row in rows] == sorted((row.value for row in rows), reverse=True)
    return {tuple(row.of): row.value for row in rows}


async def test_objects_are_counted_by_their_properties(medium: Any, edits: Any, stores: Any) -> None:
    await medium.made(category="Car", type="Van", attributes={"Speed": "high", "Lit": True})
    await medium.made(category="Car", attributes={"Speed": "high"})
    await medium.made(category="Bus")
    gone = await medium.made(category="Bus")
    await medium.apply(Delete(id=new_id("e"), object=gone, base_revision=1))
    machine = edits.create(new_id("o"), source="model")
    await medium.apply(machine, automatic=True, author="run")

    assert await counted(stores, medium) == {(): 4}
    assert await counted(stores, medium, "category") == {("Car",): 3, ("Bus",): 1}
    assert await counted(stores, medium, "category", "type") == {("Car", None): 2, ("Car", "Van"): 1, ("Bus", None): 1}
    assert await counted(stores, medium, "source") == {("manual",): 3, ("model",): 1}
    assert await counted(stores, medium, "person", category="Car") == {("ada",): 2, ("run",): 1}
    assert await counted(stores, medium, "attribute") == {("Speed=high",): 2, ("Lit=true",): 1}
    assert await counted(stores, medium, "medium", "day") == {(medium.media_id, TODAY): 4}
    assert await counted(stores, medium, "mission", media=[new_id("m")]) == {}
    assert await counted(stores, medium, until="2020-01-01") == {}


async def test_changed_values_are_counted_by_their_current_state(medium: Any, stores: Any) -> None:
    one = await medium.made(attributes={"Speed": "high"})
    await medium.apply(
        SetAttributes(id=new_id("e"), object=one, base_revision=1, attributes={"Speed": 2.5, "A=b": "="})
    )

    assert await counted(stores, medium, "attribute") == {("Speed=2.5",): 1, ("A=b==",): 1}


async def test_edits_and_seconds_are_counted_by_user_and_day(medium: Any, edits: Any, stores: Any) -> None:
    one = await medium.made()
    await medium.apply(edits.move(one, 1, 5), author="ben")
    await medium.apply(edits.move(one, 2, 6), author="ben")
    for day, seconds in (("2026-01-01", 90.0), ("2026-01-02", 30.5)):
        about = {"project_id": medium.project_id, "user_id": "ben", "day": day}
        await stores.mongo.labeling_time.insert_one({"_id": new_id(), "seconds": seconds, **about})

    assert await counted(stores, medium, "person", measure="edits") == {("ben",): 2, ("ada",): 1}
    assert await counted(stores, medium, "medium", measure="edits", person="ada") == {(medium.media_id,): 1}
    assert await counted(stores, medium, "day", measure="edits", since=TODAY) == {(TODAY,): 3}
    assert await counted(stores, medium, "person", "day", measure="seconds") == {
        ("ben", "2026-01-01"): 90.0,
        ("ben", "2026-01-02"): 30.5,
    }
    assert await counted(stores, medium, "person", measure="seconds", since="2026-01-02") == {("ben",): 30.5}


@pytest.mark.parametrize(
    "question",
    [
        {"by": ["category"], "measure": "edits"},
        {"by": ["medium"], "measure": "seconds"},
        {"by": ["attribute", "category"]},
        {"by": ["day", "day"]},
        {"by": [], "measure": "seconds", "category": "Car"},
    ],
)
async def test_unavailable_breakdowns_and_filters_are_refused(
    medium: Any, stores: Any, question: dict[str, Any]
) -> None:
    with pytest.raises(Problem) as refused:
        await stores.statistics.read(ReadStatistics(project_id=medium.project_id, **question))

    assert refused.value.kind == ErrorKind.INVALID


def stages_of(plan: Any) -> set[str]:
    """The names of all stages of an explained query."""
    if isinstance(plan, dict):
        own = {plan["stage"]} if isinstance(plan.get("stage"), str) else set()
        return own.union(*(stages_of(part) for name, part in plan.items() if name != "rejectedPlans"))
    return set[str]().union(*(stages_of(part) for part in plan)) if isinstance(plan, list) else set()


DIMENSIONS = [(dimension, measure) for measure in ("objects", "edits", "seconds") for dimension in get_args(Dimension)]


@pytest.mark.parametrize(("dimension", "measure"), DIMENSIONS)
async def test_statistics_are_computed_from_indexes(medium: Any, stores: Any, dimension: str, measure: str) -> None:
    await medium.made(attributes={"Speed": "high"})
    question = request(medium, dimension, measure=measure, since="2026-01-01", person="ada")
    try:
        where, stages = pipeline(question)
    except Problem:
        assert measure != "objects"
        return
    command = {"aggregate": where.collection, "pipeline": stages, "cursor": {}, "hint": dict(where.index)}

    plan = await stores.mongo.command("explain", command, verbosity="queryPlanner")

    found = stages_of(plan)
    assert "IXSCAN" in found
    assert "COLLSCAN" not in found
    # A multikey index has several entries per object, and MongoDB reads the object to deduplicate them.
    assert ("FETCH" in found) == (dimension == "attribute")
