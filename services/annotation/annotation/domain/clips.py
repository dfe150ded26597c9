"""How far the labeling of a clip is."""

from dataclasses import dataclass

from common.contract.media import LabelState


@dataclass(frozen=True, slots=True)
class Count:
    """How many objects are visible on a clip, and whether a person made or changed one of them."""

    objects: int = 0
    by_person: bool = False

    @property
    def label_state(self) -> LabelState:
        """Labeled once a person had a hand in it; auto while all is a run's."""
        if not self.objects:
            return "unlabeled"
        return "labeled" if self.by_person else "auto"
