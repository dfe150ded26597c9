"""Errors of edits. Their codes are in `common.contract.errors.annotation`."""

from common.contract.errors import CodedError, Param
from common.contract.labels import ObjectState


class EditRefused(CodedError):
    """The edit cannot be applied to the object."""


class UnknownName(EditRefused):
    """The edit names something that the missions of the project do not have."""


class EditConflict(CodedError):
    """The edit and a change made since its base revision cannot both stay. `state` is the object they disagree on;
    None for the edit's own object."""

    def __init__(self, code: str, state: ObjectState | None = None, /, **params: Param) -> None:
        super().__init__(code, **params)
        self.state = state
