"""Request bodies of edits."""

from typing import Any

from pydantic import Field, FiniteFloat

from common.contract.edits import Edit
from common.contract.labels import Frame
from common.contract.questions import Selection
from gateway.http.validation import RequestModel


class Edits(RequestModel):
    """Edits of one medium's objects. With `atomic`, either all are applied or none."""

    edits: list[Edit] = Field(min_length=1, max_length=500)
    atomic: bool = False


class Operation(RequestModel):
    """The same change to many objects. `change` is an edit without id, object, base revision and operation, such as
    `{"verb": "delete"}`. An empty selection is all objects of the medium."""

    selection: Selection
    change: dict[str, Any]


class Undo(RequestModel):
    """The number of your last operations to undo; with `session`, only those of this window or program."""

    count: int = Field(default=1, ge=1, le=100)
    session: str | None = Field(default=None, max_length=64)


class RestorePoint(RequestModel):
    """The time, in Unix seconds, to restore; optionally only the objects on frames first…last."""

    at: FiniteFloat = Field(ge=0)
    first: Frame | None = None
    last: Frame | None = None
