"""Runs: a model works on media."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from common.contract.labels import Frame, Id
from common.contract.questions import CancelRun, GetRun, ListModels, ListRuns, Run, StartRun
from common.service.errors import Problem, invalid, not_found
from gateway.dependencies import Dependencies, Injected
from gateway.domain.people import Member
from gateway.http.access import IdempotencyKey, ResourceAccess, object_access, project_access, resource_id, run_access
from gateway.http.responses import Cursor, Limit, Page, check_frame_range, page_request
from gateway.media.routes import ensure_in_project

router = APIRouter(tags=["runs"])


class NewRun(BaseModel):
    """What a model shall do. `detect` needs a model and media; `accept: auto` files what it finds as objects, `suggest`
    waits for a person. `quick` follows one object through frames first…last, between keyframes that a person set."""

    kind: Literal["detect", "quick"] = "detect"
    model: str | None = Field(default=None, min_length=1, max_length=200)
    media: list[Id] | None = Field(default=None, min_length=1, max_length=1000)
    clips: list[Annotated[int, Field(ge=0)]] | None = Field(default=None, max_length=10_000)
    threshold: float | None = Field(default=None, ge=0, le=1)
    accept: Literal["suggest", "auto"] = "suggest"
    object_id: Id | None = Field(default=None, alias="object")
    first: Frame | None = None
    last: Frame | None = None


class Stretch(BaseModel):
    """The keyframes of an object between which it is followed: from the first to the last where they are not given; the
    same frame as both means the gap around it. `model` is the detector that helps; the first there is, if none is
    named."""

    first: Frame | None = None
    last: Frame | None = None
    model: str | None = Field(default=None, min_length=1, max_length=200)


@router.post("/projects/{project}/runs", status_code=201)
async def start_run(
    new: NewRun, member: Annotated[Member, project_access("run")], dependencies: Injected, key: IdempotencyKey = None
) -> Run:
    """Start a run."""
    run_id = resource_id(member.caller, f"runs {member.project_id}", key)
    if new.kind == "quick":
        return await _quick(run_id, new, member, dependencies)
    media, model = new.media, new.model
    if model is None:
        raise invalid("model", "Say which model: GET /models lists them.")
    if media is None:
        raise invalid("media", "Say on which media the model shall work.")
    await ensure_in_project(media, member.project_id, dependencies)
    return await dependencies.bus.ask(
        StartRun(
            run_id=run_id,
            project_id=member.project_id,
            model=model,
            media=media,
            author=member.user.id,
            **new.model_dump(include={"clips", "threshold", "accept"}),
        )
    )


async def _quick(run_id: str, new: NewRun, member: Member, dependencies: Dependencies) -> Run:
    if new.object_id is None:
        raise invalid("object", "Say which object shall be followed.")
    for name in ("first", "last"):
        if getattr(new, name) is None:
            raise invalid(name, "Say between which keyframes the object shall be followed: first and last.")
    if (await dependencies.ownership.object(new.object_id)).project_id != member.project_id:
        raise not_found("object")
    return await _follow(
        run_id, new.object_id, Stretch(first=new.first, last=new.last, model=new.model), member, dependencies
    )


@router.post("/objects/{object_id}/quick", status_code=201)
async def quick_label(
    stretch: Stretch,
    access: Annotated[ResourceAccess, object_access("run")],
    dependencies: Injected,
    key: IdempotencyKey = None,
) -> Run:
    """Follow an object between two of its keyframes; the run's state says when it is done."""
    run_id = resource_id(access.member.caller, f"quick {access.id}", key)
    return await _follow(run_id, access.id, stretch, access.member, dependencies)


async def _follow(run_id: str, object_id: str, stretch: Stretch, member: Member, dependencies: Dependencies) -> Run:
    check_frame_range(stretch.first, stretch.last)
    media_id = (await dependencies.ownership.object(object_id)).media_id
    assert media_id is not None, "an object has a medium"
    return await dependencies.bus.ask(
        StartRun(
            run_id=run_id,
            project_id=member.project_id,
            kind="quick",
            model=stretch.model or await _first_model(dependencies),
            media=[media_id],
            accept="auto",
            author=member.user.id,
            object_id=object_id,
            first=stretch.first,
            last=stretch.last,
        )
    )


async def _first_model(dependencies: Dependencies) -> str:
    for card in (await dependencies.bus.ask(ListModels())).items:
        if card.task == "detect":
            return card.id
    raise Problem(409, "No model", "There is no detector yet that an object could be followed with.")


@router.get("/projects/{project}/runs")
async def list_runs(
    member: Annotated[Member, project_access("read")], dependencies: Injected, limit: Limit = 100, cursor: Cursor = None
) -> Page[Run]:
    """The runs of a project, newest first."""
    found = await dependencies.bus.ask(ListRuns(project_id=member.project_id, page=page_request(limit, cursor)))
    return Page(items=found.items, next_cursor=found.next_cursor)


@router.get("/runs/{run}")
async def read_run(access: Annotated[ResourceAccess, run_access("read")], dependencies: Injected) -> Run:
    """How far a run is."""
    return await dependencies.bus.ask(GetRun(run_id=access.id))


@router.delete("/runs/{run}")
async def cancel_run(access: Annotated[ResourceAccess, run_access("run")], dependencies: Injected) -> Run:
    """Stop a run; what it found so far stays."""
    return await dependencies.bus.ask(CancelRun(run_id=access.id))
