"""How a team wants to work in a project: what the labeling screen does, and which labels are taken."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from common.contract.edits import Rules
from common.contract.model import Model

Digit = Annotated[str, Field(pattern="^[0-9]$")]
LabelName = Annotated[str, Field(min_length=1, max_length=200)]


class ProjectSettings(Model):
    """What the project's owners and admins choose for everybody. `outside`: shapes that reach beyond the picture are
    kept, cut to it, or refused. `sync_labels`: each new object also labels the whole medium. `fixed_aspect`: width to
    height of new boxes, such as `4:3`. `label_keys`: which label a digit stands for."""

    outside: Literal["keep", "clamp", "refuse"] = "keep"
    sync_labels: bool = False
    skip_other_users: bool = False
    skip_open_by_others: bool = False
    use_previous_label: bool = False
    simplify_polygons: bool = False
    fixed_aspect: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,4}:[1-9][0-9]{0,4}$")] | None = None
    fit_to_image: bool = False
    undo_length: int = Field(default=100, ge=0, le=1000)
    no_smoothing: bool = False
    label_keys: dict[Digit, LabelName] = {}

    @field_validator("label_keys", mode="before")
    @classmethod
    def _are_ten_at_most(cls, given: Any) -> Any:
        # Before each is looked at: a million wrong ones are two million errors.
        if isinstance(given, dict) and len(given) > 10:
            raise ValueError("There are ten digits.")
        return given

    @property
    def rules(self) -> Rules:
        """What edits are held to."""
        return Rules(outside=self.outside, sync_labels=self.sync_labels)
