"""Where edits take place, whose they are, and by which rules."""

from dataclasses import dataclass, replace

from annotation.domain.ontology import Ontology
from common.contract.edits import Rules
from common.contract.labels import Source

# Shapes may reach beyond the picture, and objects label nothing but themselves.
KEEP = Rules()


@dataclass(frozen=True, slots=True)
class Medium:
    """What is known of a medium: how many frames it has so far, and, once they are known, its width and height."""

    frame_count: int
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class EditContext:
    """Where edits take place, whose they are, and by which rules. `automatic` edits are a run's and not a person's.
    Without an `ontology`, names are not looked up. `now` is the moment at which the edits take effect."""

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
        """The same without a rule for what reaches beyond the picture: for shapes that are there already."""
        return replace(self, rules=KEEP)

    @property
    def source(self) -> Source:
        """The source of a keyframe that these edits make or change."""
        return "model" if self.automatic else "manual"
