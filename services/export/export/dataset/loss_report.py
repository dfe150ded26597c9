"""The losses of an export, counted."""

from collections import Counter

from common.contract.errors import Param, reason_for
from common.contract.questions import Loss


class LossReport:
    """Counts losses by their reason code, while an archive is written."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, tuple[tuple[str, Param], ...]]] = Counter()

    def add(self, code: str, count: int = 1, **params: Param) -> None:
        """Count a loss `count` times; zero times leaves no entry."""
        if count:
            self._counts[code, tuple(params.items())] += count

    @property
    def losses(self) -> list[Loss]:
        """Every loss with its count, by code."""
        found = sorted(self._counts.items())
        return [Loss(reason=reason_for(code, **dict(params)), count=count) for (code, params), count in found]
