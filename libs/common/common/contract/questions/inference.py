"""What inference is asked: models and runs."""

from typing import Literal

from pydantic import Field

from common.contract.errors import Reason
from common.contract.events import RunState
from common.contract.labels import Frame, Id
from common.contract.model import Model
from common.contract.questions.question import PageRequest, Question


class ModelCard(Model):
    """A model that can be run."""

    id: Id
    name: str
    origin: Literal["builtin", "pretrained", "trained", "similarity"]
    task: Literal["detect"]
    labels: list[str]
    threshold: float
    licence: str
    size_bytes: int


class ModelList(Model):
    """All models."""

    items: list[ModelCard]


class ListModels(Question[ModelList]):
    """The models there are."""

    to = "inference"


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


class StartRun(Question[Run]):
    """Run a model over media (or some of their clips); the same `run_id` again is the same run.

    A run of kind `quick` follows one object of one medium through frames first…last, between keyframes that a person
    set; `stopped_at` then says on which frame the run lost it.
    """

    to = "inference"

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


class GetRun(Question[Run]):
    """One run."""

    to = "inference"

    run_id: Id


class RunList(Model):
    """Runs, newest first."""

    items: list[Run]
    next_cursor: str | None = None


class ListRuns(Question[RunList]):
    """The runs of a project."""

    to = "inference"

    project_id: Id
    page: PageRequest = PageRequest()


class CancelRun(Question[Run]):
    """Stop a run; what it already suggested stays."""

    to = "inference"

    run_id: Id
