"""What annotation is asked about the past."""

from typing import Any

from pydantic import Field

from common.contract.labels import Frame, Id, ObjectState
from common.contract.model import Model
from common.contract.questions.editing import OperationResult
from common.contract.questions.question import PageRequest, Question


class HistoryEntry(Model):
    """One change of an object. `edit_id` and `operation` say with what it is undone."""

    revision: int
    author: str
    session: str | None
    at: float
    edit: dict[str, Any]
    object: ObjectState
    operation: str | None = None


class History(Model):
    """The changes of an object, newest first."""

    items: list[HistoryEntry]
    next_cursor: str | None = None


class ReadHistory(Question[History]):
    """How an object came to be what it is."""

    to = "annotation"

    object_id: Id
    page: PageRequest = PageRequest()


class ChangeEntry(Model):
    """One change, without the object's state: that one history of the object shows."""

    object_id: Id
    media_id: Id
    revision: int
    author: str
    session: str | None
    at: float
    operation: str
    edit: dict[str, Any]


class Changes(Model):
    """Changes, newest first."""

    items: list[ChangeEntry]
    next_cursor: str | None = None


class ReadChanges(Question[Changes]):
    """What was changed in a project or a medium, or on its frames first…last, by all or by one person."""

    to = "annotation"

    project_id: Id
    media_id: Id | None = None
    first: Frame | None = None
    last: Frame | None = None
    author: str | None = None
    page: PageRequest = PageRequest()


class RestoreMoment(Question[OperationResult]):
    """Bring the objects on frames first…last of a medium (all if not given) back to what they were at the moment
    `at`: those that were not there yet are deleted, those deleted since come back."""

    to = "annotation"
    timeout_s = 120.0

    operation: Id
    project_id: Id
    media_id: Id
    at: float
    first: Frame | None = None
    last: Frame | None = None
    author: str
    session: str | None = Field(default=None, max_length=64)


class UndoEdits(Question[OperationResult]):
    """Take back the last `count` acts of a person on a medium that are not taken back yet (of one session, if
    given). What others changed since stays: such an act fails with a conflict."""

    to = "annotation"
    timeout_s = 60.0

    operation: Id
    project_id: Id
    media_id: Id
    count: int = Field(default=1, ge=1, le=100)
    of: str
    of_session: str | None = None
    author: str
    session: str | None = Field(default=None, max_length=64)
