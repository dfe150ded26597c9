"""Runs of models on media."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field

from common.contract.errors import Problem
from common.contract.labels import Frame, Id
from common.contract.questions import CancelRun, GetRun, ListRuns, Run, StartRun
from gateway.dependencies import Injected
from gateway.domain.projects import Member
from gateway.http.access import ProjectReader, ResourceAccess, object_access, project_access, run_access
from gateway.http.parameters import IdempotencyKey, PageQuery, check_frame_range, resource_id
from gateway.http.responses import Page, forward
from gateway.http.validation import RequestModel
from gateway.media.service import ensure_in_project
from gateway.runs.service import Tracking, track_object

router = APIRouter(tags=["runs"])


class NewRun(RequestModel):
    """A run to start. `detect` needs a model and media; with `accept: auto` its detections become objects, with
    `suggest` they wait for review. `quick` tracks one object on frames first…last, between manual keyframes."""

    kind: Literal["detect", "quick"] = "detect"
    model: str | None = Field(default=None, min_length=1, max_length=200)
    media: list[Id] | None = Field(default=None, min_length=1, max_length=1000)
    clips: list[Annotated[int, Field(ge=0)]] | None = Field(default=None, max_length=10_000)
    threshold: float | None = Field(default=None, ge=0, le=1)
    accept: Literal["suggest", "auto"] = "suggest"
    object_id: Id | None = Field(default=None, alias="object")
    first: Frame | None = None
    last: Frame | None = None


class QuickLabel(RequestModel):
    """The keyframes between which an object is tracked, by default its first and last one. The same frame as both
    means the gap around it. `model` is a detector; by default the first one."""

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
        return await track_object(run_id, _tracking(new), member, dependencies)
    if new.model is None:
        raise Problem.of_field("model", "model_required")
    if new.media is None:
        raise Problem.of_field("media", "run_media_required")
    await ensure_in_project(new.media, member.project_id, dependencies)
    return await dependencies.bus.ask(
        StartRun(
            run_id=run_id,
            project_id=member.project_id,
            model=new.model,
            media=new.media,
            author=member.user.id,
            **new.model_dump(include={"clips", "threshold", "accept"}),
        )
    )


def _tracking(new: NewRun) -> Tracking:
    if new.object_id is None:
        raise Problem.of_field("object", "object_required")
    for name in ("first", "last"):
        if getattr(new, name) is None:
            raise Problem.of_field(name, "tracking_range_required")
    check_frame_range(new.first, new.last)
    return Tracking(new.object_id, new.first, new.last, new.model)


@router.post("/objects/{object_id}/quick", status_code=201)
async def quick_label(
    quick: QuickLabel,
    access: Annotated[ResourceAccess, object_access("run")],
    dependencies: Injected,
    key: IdempotencyKey = None,
) -> Run:
    """Track an object between two of its keyframes. The run is done when its `state` is `done`."""
    check_frame_range(quick.first, quick.last)
    run_id = resource_id(access.member.caller, f"quick {access.id}", key)
    tracking = Tracking(access.id, quick.first, quick.last, quick.model)
    return await track_object(run_id, tracking, access.member, dependencies)


@router.get("/projects/{project}/runs", response_model=Page[Run])
async def list_runs(member: ProjectReader, dependencies: Injected, page: PageQuery) -> Response:
    """List the runs of a project, newest first."""
    return await forward(ListRuns(project_id=member.project_id, page=page), dependencies)


@router.get("/runs/{run}")
async def read_run(access: Annotated[ResourceAccess, run_access("read")], dependencies: Injected) -> Run:
    """Get the state and progress of a run."""
    return await dependencies.bus.ask(GetRun(run_id=access.id))


@router.delete("/runs/{run}")
async def cancel_run(access: Annotated[ResourceAccess, run_access("run")], dependencies: Injected) -> Run:
    """Cancel a run. Its results so far are kept."""
    return await dependencies.bus.ask(CancelRun(run_id=access.id))
