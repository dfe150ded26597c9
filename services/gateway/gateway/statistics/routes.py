"""Statistics of labels, edits and labeling time."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from common.contract.labels import Id
from common.contract.questions import ReadStatistics, StatisticsRows
from common.contract.questions.snapshots import Dimension, Measure
from common.service.csv import csv_bytes, guard_formula
from gateway.dependencies import Injected
from gateway.http.access import ProjectReader
from gateway.http.parameters import Day, TableFormat
from gateway.http.responses import csv_response, forward, wants_csv
from gateway.media.service import ensure_in_project
from gateway.work_sessions.service import visible_user

router = APIRouter(tags=["work"])
ROWS_PER_CHUNK = 1000


class StatisticsQuery(BaseModel):
    """The measure, its dimensions and filters."""

    measure: Measure = "objects"
    by: list[Dimension] = Field(default=[], max_length=2, description="Up to two: `by=category&by=source`.")
    media: list[Id] | None = Field(default=None, min_length=1, max_length=1000, description="Only of these media.")
    category: str | None = Field(default=None, max_length=200)
    source: str | None = Field(default=None, max_length=200)
    person: str | None = Field(default=None, max_length=64)
    since: Day = None
    until: Day = None
    format: TableFormat = None


@router.get("/projects/{project}/statistics", response_model=StatisticsRows)
async def read_statistics(
    query: Annotated[StatisticsQuery, Query()],
    request: Request,
    member: ProjectReader,
    dependencies: Injected,
) -> Response:
    """Count objects, edits or seconds of labeling by up to two dimensions, the largest numbers first, as JSON or CSV.
    Only owners and admins see the seconds of others."""
    await ensure_in_project(query.media, member.project_id, dependencies)
    person = visible_user(query.person, member) if query.measure == "seconds" else query.person
    filters = query.model_dump(exclude={"format"}) | {"person": person}
    question = ReadStatistics(project_id=member.project_id, **filters)
    if not wants_csv(request, query.format):
        return await forward(question, dependencies)
    statistics = await dependencies.bus.ask(question)
    return csv_response(_lines(statistics, [*query.by, query.measure]), f"{query.measure}-{member.project_id}")


async def _lines(statistics: StatisticsRows, titles: list[str]) -> AsyncIterator[bytes]:
    yield csv_bytes([titles])
    rows = statistics.rows
    for start in range(0, len(rows), ROWS_PER_CHUNK):
        yield csv_bytes([*(_cell(text) for text in row.of), row.value] for row in rows[start : start + ROWS_PER_CHUNK])


def _cell(text: str | None) -> str | None:
    return text if text is None else guard_formula(text)
