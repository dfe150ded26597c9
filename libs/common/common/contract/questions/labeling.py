"""Questions to annotation about missions, labels of whole media, suggestions and work sessions."""

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat

from common.contract.edits import EditResult, Rules
from common.contract.labels import Frame, Id, Keyframe
from common.contract.missions import Mission
from common.contract.model import Model
from common.contract.questions.editing import OperationQuestion
from common.contract.questions.question import Empty, MediumQuestion, Page, PageRequest, ProjectPageQuestion, Question

# ---- missions ----


class MissionList(Model):
    """The missions of a project."""

    items: list[Mission]


class ListMissions(Question[MissionList], to="annotation"):
    """The missions of a project, built-in ones included."""

    project_id: Id


class CategoryMove(Model):
    """The new class of the objects whose category or type is removed."""

    category: str
    type: str | None = None
    to_mission: str | None = None
    to_category: str
    to_type: str | None = None


class SaveMission(Question[Mission], to="annotation", timeout_s=120.0):
    """Add a mission, or replace the one with the same id, which must still be at `mission.revision`. If objects use a
    category or type that is removed, `moves` must reclassify them; otherwise the answer is a conflict that lists the
    uses."""

    project_id: Id
    mission: Mission
    moves: list[CategoryMove] = []
    author: str = "system"


class DeleteMission(Question[Empty], to="annotation", timeout_s=120.0):
    """Delete a mission. Its objects move to `to_mission`, into the categories with the same ids or as `moves` defines;
    otherwise the answer is a conflict that lists the uses."""

    project_id: Id
    mission_id: Id
    to_mission: str | None = None
    moves: list[CategoryMove] = []
    author: str = "system"


class CategoryUse(Model):
    """The number of objects of a category and type."""

    mission: str
    category: str
    type: str | None = None
    objects: int


class CategoryUses(Model):
    """Categories and types in use, the most used first."""

    items: list[CategoryUse]


class ReadUse(Question[CategoryUses], to="annotation"):
    """Count the objects of each category and type in a project's missions."""

    project_id: Id
    mission_id: Id | None = None


# ---- labels of whole media ----


class LabelMedia(OperationQuestion, to="annotation", timeout_s=120.0):
    """Add a label to whole media, remove it, or make it their default, as one operation. Without `media`, all media of
    the project that have the label are changed. With `spans` (first, last), the label covers these frames only."""

    action: Literal["add", "remove", "make_default"]
    mission: str | None = None
    category: str
    media: list[Id] | None = Field(default=None, max_length=10_000)
    spans: list[tuple[Frame, Frame]] | None = Field(default=None, max_length=1000)


class SyncLabels(OperationQuestion, to="annotation", timeout_s=300.0):
    """Label whole media (default: all of the project) with the category of every object on them. Idempotent."""

    media: list[Id] | None = Field(default=None, max_length=10_000)


# ---- suggestions ----

Review = Literal["pending", "accepted", "rejected", "edited"]


class PendingSuggestion(Model):
    """A track suggested by a run, with its review. An accepted or edited one became the object `object_id`."""

    id: Id
    media_id: Id
    run_id: Id
    model: str
    label: str
    score: float
    keyframes: list[Keyframe]
    review: Review
    object_id: Id | None = None
    reviewer: str | None = None
    reviewed_at: float | None = None


class SuggestionList(Page):
    """Suggestions, ordered by first frame."""

    items: list[PendingSuggestion]


class ListSuggestions(MediumQuestion[SuggestionList], to="annotation"):
    """The suggestions on a medium, or on its frames first…last."""

    first: Frame | None = None
    last: Frame | None = None
    review: Review | None = "pending"
    run_id: Id | None = None
    page: PageRequest = PageRequest()


class ReviewDecision(Model):
    """The review of a suggestion: rejected, or accepted, optionally with another category or other keyframes."""

    suggestion: Id
    accept: bool
    mission: str | None = None
    category: str | None = None
    type: str | None = None
    keyframes: list[Keyframe] | None = Field(default=None, min_length=1, max_length=20_000)


class ReviewResults(Model):
    """The result of each decision, in order. An accepted one carries the object."""

    results: list[EditResult]


class ReviewSuggestions(MediumQuestion[ReviewResults], to="annotation", timeout_s=60.0):
    """Accept or reject suggestions. Accepting creates an object. A suggestion that was already reviewed keeps its first
    decision."""

    decisions: list[ReviewDecision] = Field(min_length=1, max_length=500)
    author: str
    session: str | None = Field(default=None, max_length=64)
    rules: Rules = Rules()


# ---- work sessions ----


class WorkSession(Model):
    """A user's work on a medium in one browser window. It expires one hour after the last activity, without data loss.

    `exclusive` reserves the medium for this user: for others, it counts as in progress and can be skipped.
    """

    id: Id
    project_id: Id
    user_id: str
    media_id: Id | None
    clip: int | None = None
    exclusive: bool = False
    opened_at: float
    active_at: float
    expires_at: float
    state: Literal["open", "expired", "closed"]


class WorkState(Model):
    """A session, the other sessions on its medium, and the user who holds the medium."""

    session: WorkSession
    others: list[WorkSession]
    held_by: str | None = None


class Heartbeat(Question[WorkState], to="annotation"):
    """Sent by an open window every 10 seconds. `idle_s` is the time since the user's last activity. Time with less than
    one minute of inactivity counts as labeling time, once for all windows of a user."""

    session_id: Id
    project_id: Id
    user_id: str
    media_id: Id | None = None
    clip: int | None = None
    idle_s: Annotated[FiniteFloat, Field(ge=0)] = 0.0
    exclusive: bool = False


class CloseSession(Question[Empty], to="annotation"):
    """Close a session and release its medium."""

    session_id: Id
    user_id: str


class WorkSessions(Model):
    """Open sessions."""

    items: list[WorkSession]


class ListSessions(Question[WorkSessions], to="annotation"):
    """The open sessions in a project, or on one medium."""

    project_id: Id
    media_id: Id | None = None


class TimeEntry(Model):
    """The labeling time and the number of edits of a user on a day (UTC)."""

    user_id: str
    day: str
    seconds: float
    edits: int


class TimeEntries(Page):
    """Labeling time, the latest day first."""

    items: list[TimeEntry]


class ReadLabelingTime(ProjectPageQuestion[TimeEntries], to="annotation"):
    """Labeling time in a project by user and day."""

    user_id: str | None = None
    since: str | None = Field(default=None, pattern=r"^\d{4}-\d\d-\d\d$")
    until: str | None = Field(default=None, pattern=r"^\d{4}-\d\d-\d\d$")
