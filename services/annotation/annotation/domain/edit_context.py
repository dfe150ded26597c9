"""The context of edits: medium, author and rules."""

from dataclasses import dataclass, replace

from annotation.domain.ontology import Ontology
from common.contract.edits import Rules
from common.contract.labels import Source

# Shapes may extend beyond the image, and objects do not label their medium.
KEEP = Rules()


@dataclass(frozen=True, slots=True)
class Medium:
    """A medium: its current number of frames and, once known, its width and height."""

    frame_count: int
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class EditContext:
    """The context of edits. `automatic` edits come from a run. Without an `ontology`, names are not checked. `now` is
    the time at which the edits take effect."""

    project_id: str
    media_id: str
    medium: Medium
    author: str
    automatic: bool = False
    rules: Rules = KEEP
    ontology: Ontology | None = None
    now: float = 0.0

    @property
    def without_bounds(self) -> "EditContext":
        """The context without rules for shapes beyond the image, for shapes that already exist."""
        return replace(self, rules=KEEP)

    @property
    def source(self) -> Source:
        """The source of keyframes that these edits create or change."""
        return "model" if self.automatic else "manual"
