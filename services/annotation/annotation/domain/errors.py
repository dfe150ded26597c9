"""Errors of edits. Their codes are in `common.contract.errors.annotation`."""

from common.contract.errors import CodedError, Param
from common.contract.labels import ObjectState


class EditRefused(CodedError):
    """The edit cannot be applied to the object."""


class UnknownName(EditRefused):
    """The edit contains a name that does not exist in the missions of the project."""


class EditConflict(CodedError):
    """The edit conflicts with a change made since its base revision. `state` is the object in conflict; None for the
    edited object."""

    def __init__(self, code: str, state: ObjectState | None = None, /, **params: Param) -> None:
        super().__init__(code, **params)
        self.state = state
