"""Runs: a model works on media."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from common.errors import invalid
from common.labels import Id
from common.questions import CancelRun, GetRun, ListMedia, ListRuns, Page, Run, StartRun
from gateway.api.access import Access, IdempotencyKey, in_project, named, to_run
from gateway.api.answers import Cursor, Limit, Listed, page_of
from gateway.domain.people import Member
from gateway.parts import Parts, With

router = APIRouter(tags=["runs"])


class NewRun(BaseModel):
    """What a model shall do. `accept: auto` files what it finds as objects; `suggest` waits for a person."""

    kind: Literal["detect"] = "detect"
    model: str = Field(min_length=1, max_length=200)
    media: list[Id] = Field(min_length=1, max_length=1000)
    clips: list[Annotated[int, Field(ge=0)]] | None = Field(default=None, max_length=10_000)
    threshold: float | None = Field(default=None, ge=0, le=1)
    accept: Literal["suggest", "auto"] = "suggest"


@router.post("/projects/{project}/runs", status_code=201)
async def start_run(
    new: NewRun, member: Annotated[Member, in_project("run")], parts: With, key: IdempotencyKey = None
) -> Run:
    """Start a run."""
    await refuse_strangers(new.media, member.project_id, parts)
    return await parts.bus.ask(
        StartRun(
            run_id=named(member.caller, f"runs {member.project_id}", key),
            project_id=member.project_id,
            author=member.user.id,
            **new.model_dump(),
        )
    )


async def refuse_strangers(media: list[str], project_id: str, parts: Parts) -> None:
    """Refuse media that are not this project's."""
    wanted = sorted(set(media))
    known: set[str] = set()
    for start in range(0, len(wanted), 500):
        asked = ListMedia(project_id=project_id, media=wanted[start : start + 500], page=Page(limit=500))
        known |= {medium.id for medium in (await parts.bus.ask(asked)).items}
    if missing := [media_id for media_id in wanted if media_id not in known]:
        raise invalid("media", f"Not in this project: {', '.join(missing[:5])}")


@router.get("/projects/{project}/runs")
async def list_runs(
    member: Annotated[Member, in_project("read")], parts: With, limit: Limit = 100, cursor: Cursor = None
) -> Listed[Run]:
    """The runs of a project, newest first."""
    found = await parts.bus.ask(ListRuns(project_id=member.project_id, page=page_of(limit, cursor)))
    return Listed(items=found.items, next_cursor=found.next_cursor)


@router.get("/runs/{run}")
async def read_run(access: Annotated[Access, to_run("read")], parts: With) -> Run:
    """How far a run is."""
    return await parts.bus.ask(GetRun(run_id=access.id))


@router.delete("/runs/{run}")
async def cancel_run(access: Annotated[Access, to_run("run")], parts: With) -> Run:
    """Stop a run; what it found so far stays."""
    return await parts.bus.ask(CancelRun(run_id=access.id))
