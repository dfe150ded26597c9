"""Counts of labels, edits and time."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from common.contract.labels import Id
from common.contract.questions import ReadStatistics, StatisticsRows
from common.contract.questions.snapshots import Dimension, Measure
from gateway.dependencies import Injected
from gateway.domain.csv_tables import csv_lines
from gateway.domain.people import Member
from gateway.http.access import project_access
from gateway.http.responses import Day, TableFormat, csv_response, json_response, wants_csv
from gateway.media.routes import ensure_in_project
from gateway.work_sessions.routes import visible_user

router = APIRouter(tags=["work"])


class Counted(BaseModel):
    """What is counted, by what, and of what."""

    measure: Measure = "objects"
    by: list[Dimension] = Field(default=[], max_length=2, description="At most two: `by=category&by=source`.")
    media: list[Id] | None = Field(default=None, min_length=1, max_length=1000, description="Only of these media.")
    category: str | None = Field(default=None, max_length=200)
    source: str | None = Field(default=None, max_length=200)
    person: str | None = Field(default=None, max_length=64)
    since: Day = None
    until: Day = None
    format: TableFormat = None


@router.get("/projects/{project}/statistics", response_model=StatisticsRows)
async def read_statistics(
    asked: Annotated[Counted, Query()],
    request: Request,
    member: Annotated[Member, project_access("read")],
    dependencies: Injected,
) -> Response:
    """Numbers of objects, edits or seconds of labeling, by up to two dimensions, the largest first. Seconds of others
    are for owners and admins. As JSON, or as CSV."""
    if asked.media is not None:
        await ensure_in_project(asked.media, member.project_id, dependencies)
    person = visible_user(asked.person, member) if asked.measure == "seconds" else asked.person
    filters = asked.model_dump(exclude={"format"}) | {"person": person}
    question = ReadStatistics(project_id=member.project_id, **filters)
    if not wants_csv(request, asked.format):
        return json_response(await dependencies.bus.ask_json(question))
    found = await dependencies.bus.ask(question)
    return csv_response(_lines(found, [*asked.by, asked.measure]), f"{asked.measure}-{member.project_id}")


async def _lines(found: StatisticsRows, titles: list[str]) -> AsyncIterator[bytes]:
    yield csv_lines([titles])
    for start in range(0, len(found.rows), 1000):
        yield csv_lines([*row.of, row.value] for row in found.rows[start : start + 1000])
