"""Labeling state of a clip."""

from dataclasses import dataclass

from common.contract.media import LabelState


@dataclass(frozen=True, slots=True)
class ClipCount:
    """How many objects are visible on a clip, and whether a person created or changed one of them."""

    objects: int = 0
    by_person: bool = False

    @property
    def label_state(self) -> LabelState:
        """Labeled once a person has worked on it; auto while everything comes from runs."""
        if not self.objects:
            return "unlabeled"
        return "labeled" if self.by_person else "auto"
