"""The settings of a project, which its owners and admins choose for all members."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from common.contract.edits import Rules
from common.contract.errors import invalid_value
from common.contract.model import Model

MAX_LABEL_KEYS = 9
Digit = Annotated[str, Field(pattern="^[1-9]$")]
LabelName = Annotated[str, Field(min_length=1, max_length=200)]


class ProjectSettings(Model):
    """The settings of a project.

    Applied to every edit: `outside` (shapes beyond the image are kept, clipped to it, or refused) and `sync_labels`
    (every new object also labels its medium). Applied by the labeling screen: `undo_length` (operations that can be
    undone), `label_keys` (the labels of the digit keys 1 to 9), `fixed_aspect` (width to height of new boxes, such as
    `4:3`), `use_previous_label` (a new object gets the label of the previous one) and `no_smoothing` (enlarged pixels
    are shown as squares).
    """

    outside: Literal["keep", "clamp", "refuse"] = "keep"
    sync_labels: bool = False
    use_previous_label: bool = False
    fixed_aspect: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,4}:[1-9][0-9]{0,4}$")] | None = None
    undo_length: int = Field(default=100, ge=0, le=1000)
    no_smoothing: bool = False
    label_keys: dict[Digit, LabelName] = {}

    @field_validator("label_keys", mode="before")
    @classmethod
    def _check_count(cls, value: Any) -> Any:
        # Before each entry is validated: a million wrong ones are two million errors.
        if isinstance(value, dict) and len(value) > MAX_LABEL_KEYS:
            raise invalid_value("too_many_shortcut_keys", limit=MAX_LABEL_KEYS)
        return value

    @property
    def rules(self) -> Rules:
        """The settings that edits are checked against."""
        return Rules(outside=self.outside, sync_labels=self.sync_labels)
