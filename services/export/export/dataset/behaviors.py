"""Behaviours in formats that store them with the frames on which their object is visible."""

from collections.abc import Sequence

from export.dataset.labels import Labels
from export.dataset.shapes import Span

UNSEEN = "lost_behaviors_unseen"


def count_unseen(labels: Labels) -> None:
    """Report behaviours on frames without their object."""
    shown = [
        *zip(labels.objects, labels.spans(), strict=True),
        *((label.object, label.spans) for label in labels.medium_labels),
    ]
    for found, spans in shown:
        behaviors = found.state.behaviors
        labels.report.add(UNSEEN, sum(not _overlaps((behavior.first, behavior.last), spans) for behavior in behaviors))


def _overlaps(behavior: Span, spans: Sequence[Span]) -> bool:
    return any(first <= behavior[1] and behavior[0] <= last for first, last in spans)
