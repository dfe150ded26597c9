"""Questions to annotation about history."""

from typing import Any

from pydantic import Field

from common.contract.labels import Frame, Id, ObjectState
from common.contract.model import Model
from common.contract.questions.editing import OperationQuestion
from common.contract.questions.question import Page, PageRequest, ProjectPageQuestion, Question


class HistoryEntry(Model):
    """One change of an object. Changes with the same `operation` are undone together."""

    revision: int
    author: str
    session: str | None
    at: float
    edit: dict[str, Any]
    object: ObjectState
    operation: str | None = None


class History(Page):
    """Changes of an object, newest first."""

    items: list[HistoryEntry]


class ReadHistory(Question[History], to="annotation"):
    """The changes of an object, newest first."""

    object_id: Id
    page: PageRequest = PageRequest()


class ChangeEntry(Model):
    """One change without the object's state, which `ReadHistory` returns."""

    object_id: Id
    media_id: Id
    revision: int
    author: str
    session: str | None
    at: float
    operation: str
    edit: dict[str, Any]


class Changes(Page):
    """Changes, newest first."""

    items: list[ChangeEntry]


class ReadChanges(ProjectPageQuestion[Changes], to="annotation"):
    """The changes in a project, filtered by medium, frames first…last and author."""

    media_id: Id | None = None
    first: Frame | None = None
    last: Frame | None = None
    author: str | None = None


class RestoreMoment(OperationQuestion, to="annotation", timeout_s=120.0):
    """Restore the objects on frames first…last of a medium (default: all frames) to their state at time `at`. Objects
    created since are deleted; objects deleted since are restored."""

    media_id: Id
    at: float
    first: Frame | None = None
    last: Frame | None = None


class UndoEdits(OperationQuestion, to="annotation", timeout_s=60.0):
    """Undo the last `count` operations of the user `of` on a medium (in one session, if given) that are not undone yet.
    An operation whose objects were changed by others since fails with a conflict."""

    media_id: Id
    count: int = Field(default=1, ge=1, le=100)
    of: str
    of_session: str | None = None
