"""What an archive could not hold."""

from collections import Counter

from common.contract.questions import Loss


class Report:
    """Counts what a format had to leave out; filled while the archive is written."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def drop(self, what: str, count: int = 1) -> None:
        """Note that `count` of `what` are not in the archive; none is not noted."""
        if count:
            self._counts[what] += count

    @property
    def dropped(self) -> list[Loss]:
        """What was left out and how often, by name."""
        return [Loss(what=what, count=count) for what, count in sorted(self._counts.items())]
