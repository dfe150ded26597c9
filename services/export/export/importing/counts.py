"""What becomes of an import, counted as it happens."""

from dataclasses import dataclass, field
from typing import Any

from common.contract.errors import Reason
from common.contract.questions import SkippedRow
from common.contract.questions.imports import SKIPPED_SHOWN


@dataclass(slots=True)
class ImportCounts:
    """How many objects were created, were there already, or were refused; and the first rows that became none."""

    created: int = 0
    unchanged: int = 0
    refused: int = 0
    skipped: list[SkippedRow] = field(default_factory=list)
    skipped_total: int = 0

    def skip(self, row: SkippedRow) -> None:
        """Note something that does not become an object."""
        self.skipped_total += 1
        if len(self.skipped) < SKIPPED_SHOWN:
            self.skipped.append(row)

    def refuse(self, where: str, reason: Reason) -> None:
        """Note an object that the project does not take."""
        self.refused += 1
        self.skip(SkippedRow(where=where, reason=reason))

    @property
    def done(self) -> int:
        """How many objects had their turn."""
        return self.created + self.unchanged + self.refused

    def fields(self) -> dict[str, Any]:
        """As an import's record has it."""
        return {
            "created": self.created,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "skipped": [row.model_dump() for row in self.skipped],
            "skipped_total": self.skipped_total,
        }
