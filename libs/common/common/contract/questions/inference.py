"""Questions to inference: models and runs."""

from typing import Literal

from pydantic import Field

from common.contract.errors import Reason
from common.contract.events import RunState
from common.contract.labels import Frame, Id
from common.contract.model import Model
from common.contract.questions.question import Page, ProjectPageQuestion, Question


class ModelCard(Model):
    """A model that is ready to run."""

    id: Id
    name: str
    origin: Literal["builtin", "pretrained", "trained", "similarity"]
    task: Literal["detect"]
    labels: list[str]
    threshold: float
    licence: str
    size_bytes: int


class ModelList(Model):
    """The answer to `ListModels`."""

    items: list[ModelCard]


class ListModels(Question[ModelList], to="inference"):
    """All models."""


class Run(Model):
    """A run of a model over media."""

    id: Id
    project_id: Id
    kind: str
    model: str
    media: list[Id]
    threshold: float
    accept: Literal["suggest", "auto"]
    state: RunState
    progress: float
    frames_done: int
    frames_total: int
    reason: Reason | None = None
    author: str
    created_at: float
    object_id: Id | None = None
    first: Frame | None = None
    last: Frame | None = None
    stopped_at: Frame | None = None


class StartRun(Question[Run], to="inference"):
    """Run a model over media, or over some of their clips. Idempotent by `run_id`.

    A run of kind `quick` tracks one object of one medium through frames first…last, between its manual keyframes.
    `stopped_at` is the frame on which the run lost the object.
    """

    run_id: Id
    project_id: Id
    kind: Literal["detect", "quick"] = "detect"
    model: str
    media: list[Id] = Field(min_length=1, max_length=1000)
    clips: list[int] | None = None
    threshold: float | None = Field(default=None, ge=0, le=1)
    accept: Literal["suggest", "auto"] = "suggest"
    author: str
    object_id: Id | None = None
    first: Frame | None = None
    last: Frame | None = None


class GetRun(Question[Run], to="inference"):
    """One run."""

    run_id: Id


class RunList(Page):
    """Runs, newest first."""

    items: list[Run]


class ListRuns(ProjectPageQuestion[RunList], to="inference"):
    """The runs of a project."""


class CancelRun(Question[Run], to="inference"):
    """Cancel a run. Suggestions made so far are kept."""

    run_id: Id
