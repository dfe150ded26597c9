"""The counts of an import."""

from dataclasses import dataclass, field
from typing import Any

from common.contract.errors import Reason
from common.contract.questions import SkippedRow
from common.contract.questions.imports import SKIPPED_SHOWN


@dataclass(slots=True)
class ImportCounts:
    """The created, unchanged and refused objects, and the first skipped rows."""

    created: int = 0
    unchanged: int = 0
    refused: int = 0
    skipped: list[SkippedRow] = field(default_factory=list)
    skipped_total: int = 0

    def skip(self, row: SkippedRow) -> None:
        """Count a row that does not become an object."""
        self.skipped_total += 1
        if len(self.skipped) < SKIPPED_SHOWN:
            self.skipped.append(row)

    def refuse(self, where: str, reason: Reason) -> None:
        """Count an object that the project refuses."""
        self.refused += 1
        self.skip(SkippedRow(where=where, reason=reason))

    @property
    def done(self) -> int:
        """The number of processed objects."""
        return self.created + self.unchanged + self.refused

    def fields(self) -> dict[str, Any]:
        """As fields of the import."""
        return {
            "created": self.created,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "skipped": [row.model_dump() for row in self.skipped],
            "skipped_total": self.skipped_total,
        }
