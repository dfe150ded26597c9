"""Behaviours in formats that tell them on the frames on which their object is seen."""

from collections.abc import Sequence

from export.dataset.labels import Labels
from export.dataset.shapes import Span

UNSEEN = "lost_behaviors_unseen"


def count_unseen(labels: Labels) -> None:
    """LossReport the behaviours that are on no frame on which their object is seen."""
    shown = [
        *zip(labels.objects, labels.spans(), strict=True),
        *((one.object, one.spans) for one in labels.medium_labels),
    ]
    for found, spans in shown:
        behaviors = found.state.behaviors
        labels.report.add(UNSEEN, sum(not _meets((one.first, one.last), spans) for one in behaviors))


def _meets(one: Span, spans: Sequence[Span]) -> bool:
    return any(first <= one[1] and one[0] <= last for first, last in spans)
