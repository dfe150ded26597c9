"""What annotation is asked about all that surrounds objects: missions, labels of whole media, suggestions, and who is
at work."""

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat

from common.contract.edits import EditResult, Rules
from common.contract.labels import Frame, Id, Keyframe
from common.contract.missions import Mission
from common.contract.model import Model
from common.contract.questions.editing import OperationResult
from common.contract.questions.question import Empty, PageRequest, Question

# ---- missions ----


class MissionList(Model):
    """The missions of a project."""

    items: list[Mission]


class ListMissions(Question[MissionList]):
    """The missions of a project: the built-in ones are there from its first day."""

    to = "annotation"

    project_id: Id


class CategoryMove(Model):
    """Where the objects of a category (or of one of its types) go that will no longer be there."""

    category: str
    type: str | None = None
    to_mission: str | None = None
    to_category: str
    to_type: str | None = None


class SaveMission(Question[Mission]):
    """Add a mission or replace the one with the same id, which must still be at `mission.revision`. Where that takes
    away a category or type that objects have, `moves` says where these go; without it the answer is a 409 that says
    what uses it."""

    to = "annotation"
    timeout_s = 120.0

    project_id: Id
    mission: Mission
    moves: list[CategoryMove] = []
    author: str = "system"


class DeleteMission(Question[Empty]):
    """Delete a mission; its objects go to the mission `to`, into categories of the same id or as `moves` says, or the
    answer is a 409 that says what uses it."""

    to = "annotation"
    timeout_s = 120.0

    project_id: Id
    mission_id: Id
    to_mission: str | None = None
    moves: list[CategoryMove] = []
    author: str = "system"


class CategoryUse(Model):
    """How many objects have a category and type."""

    mission: str
    category: str
    type: str | None = None
    objects: int


class CategoryUses(Model):
    """What is used, the most used first."""

    items: list[CategoryUse]


class ReadUse(Question[CategoryUses]):
    """How many objects use each category of a project's missions."""

    to = "annotation"

    project_id: Id
    mission_id: Id | None = None


# ---- labels of whole media ----


class LabelMedia(Question[OperationResult]):
    """Add a label to whole media, remove it, or make it the default of those that have it; as one act. `media` not
    given means every medium of the project that has the label. With `spans` (first, last) the label is for these
    frames only."""

    to = "annotation"
    timeout_s = 120.0

    operation: Id
    project_id: Id
    action: Literal["add", "remove", "make_default"]
    mission: str | None = None
    category: str
    media: list[Id] | None = Field(default=None, max_length=10_000)
    spans: list[tuple[Frame, Frame]] | None = Field(default=None, max_length=1000)
    author: str
    session: str | None = Field(default=None, max_length=64)


class SyncLabels(Question[OperationResult]):
    """Label whole media (all of the project if not given) with the category of every object on them; twice changes
    nothing more."""

    to = "annotation"
    timeout_s = 300.0

    operation: Id
    project_id: Id
    media: list[Id] | None = Field(default=None, max_length=10_000)
    author: str
    session: str | None = Field(default=None, max_length=64)


# ---- suggestions ----

Review = Literal["pending", "accepted", "rejected", "edited"]


class PendingSuggestion(Model):
    """A track that a run proposes beside the objects, and what became of it. Accepted or edited it is `object_id`."""

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


class SuggestionList(Model):
    """Suggestions in the order of their first frame."""

    items: list[PendingSuggestion]
    next_cursor: str | None = None


class ListSuggestions(Question[SuggestionList]):
    """The suggestions for a medium, or for its frames first…last."""

    to = "annotation"

    project_id: Id
    media_id: Id
    first: Frame | None = None
    last: Frame | None = None
    review: Review | None = "pending"
    run_id: Id | None = None
    page: PageRequest = PageRequest()


class ReviewDecision(Model):
    """What a person says of a suggestion: no, or yes, as it is or with another category or other keyframes."""

    suggestion: Id
    accept: bool
    mission: str | None = None
    category: str | None = None
    type: str | None = None
    keyframes: list[Keyframe] | None = Field(default=None, min_length=1, max_length=20_000)


class ReviewResults(Model):
    """What became of each verdict, in order; an accepted one carries the object."""

    results: list[EditResult]


class ReviewSuggestions(Question[ReviewResults]):
    """Accept or reject suggestions; accepting is an edit. One that was reviewed before keeps its first verdict."""

    to = "annotation"
    timeout_s = 60.0

    project_id: Id
    media_id: Id
    decisions: list[ReviewDecision] = Field(min_length=1, max_length=500)
    author: str
    session: str | None = Field(default=None, max_length=64)
    rules: Rules = Rules()


# ---- who is at work ----


class WorkSession(Model):
    """Somebody at work on a medium, in one window. It expires an hour after the last activity; nothing is lost then.

    `exclusive` holds the medium for this person: others who skip media in work pass it by.
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
    """A session, who else is on the medium, and who holds it."""

    session: WorkSession
    others: list[WorkSession]
    held_by: str | None = None


class Heartbeat(Question[WorkState]):
    """A window says, every ten seconds, that it is open; `idle_s` is how long its person has done nothing. Time with
    less than a minute of idleness counts as labeling time, once however many windows there are."""

    to = "annotation"

    session_id: Id
    project_id: Id
    user_id: str
    media_id: Id | None = None
    clip: int | None = None
    idle_s: Annotated[FiniteFloat, Field(ge=0)] = 0.0
    exclusive: bool = False


class CloseSession(Question[Empty]):
    """The window is closed; what it held is free."""

    to = "annotation"

    session_id: Id
    user_id: str


class WorkSessions(Model):
    """Open sessions."""

    items: list[WorkSession]


class ListSessions(Question[WorkSessions]):
    """Who is at work in a project, or on one medium."""

    to = "annotation"

    project_id: Id
    media_id: Id | None = None


class TimeEntry(Model):
    """How long a person labeled on a day (UTC), and how many edits they made."""

    user_id: str
    day: str
    seconds: float
    edits: int


class TimeEntries(Model):
    """Labeling time, the latest day first."""

    items: list[TimeEntry]
    next_cursor: str | None = None


class ReadLabelingTime(Question[TimeEntries]):
    """Labeling time in a project, by person and day."""

    to = "annotation"

    project_id: Id
    user_id: str | None = None
    since: str | None = Field(default=None, pattern=r"^\d{4}-\d\d-\d\d$")
    until: str | None = Field(default=None, pattern=r"^\d{4}-\d\d-\d\d$")
    page: PageRequest = PageRequest()
