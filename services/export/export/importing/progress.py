"""Progress of an import."""

from dataclasses import dataclass, field

from common.messaging.jobs import Lease
from export.importing.counts import ImportCounts
from export.importing.sandbox import DetectedFormat

# Shares of fetching an external archive, and of the first pass.
_FETCHING, _READING = 0.2, 0.1


@dataclass(slots=True)
class ImportProgress:
    """The progress of an import. The lease ends when it is cancelled."""

    counts: ImportCounts = field(default_factory=ImportCounts)
    detected: DetectedFormat | None = None
    added: list[str] = field(default_factory=list)
    total: int = 0
    fetched: float | None = None
    lease: Lease = field(default_factory=lambda: Lease("", ""))

    @property
    def share(self) -> float:
        """The completed share, 0 to 1."""
        before = 0.0 if self.fetched is None else _FETCHING * min(1.0, self.fetched)
        if not self.total:
            return before
        before += _READING
        return before + (1.0 - before) * min(1.0, self.counts.done / self.total)

    def fields(self) -> dict[str, object]:
        """The counts, format and additions so far, as fields of the import."""
        found = self.detected
        known = {"found": found.format, "certainty": found.certainty} if found else {}
        return {**self.counts.fields(), **known, "added": self.added[:1000]}
