"""How far an import is, while it is carried out."""

from dataclasses import dataclass, field
from threading import Event

from export.importing.counts import ImportCounts
from export.importing.sandbox import DetectedFormat

# What fetching an archive from elsewhere, and reading it for the first time, are of the whole.
_FETCHING, _READING = 0.2, 0.1


class Stopped(Exception):
    """The import is not wanted any more, or another process does it."""


@dataclass(slots=True)
class Work:
    """What was done so far. `halted` is set from outside when it is no longer wanted."""

    counts: ImportCounts = field(default_factory=ImportCounts)
    detected: DetectedFormat | None = None
    added: list[str] = field(default_factory=list)
    total: int = 0
    fetched: float | None = None
    halted: Event = field(default_factory=Event)

    def go_on(self) -> None:
        """Raises Stopped where it is no longer wanted."""
        if self.halted.is_set():
            raise Stopped

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        before = 0.0 if self.fetched is None else _FETCHING * min(1.0, self.fetched)
        if not self.total:
            return before
        before += _READING
        return before + (1.0 - before) * min(1.0, self.counts.done / self.total)

    def outcome(self) -> dict[str, object]:
        """What is known by now, as an import's record has it."""
        found = self.detected
        known = {"found": found.format, "certainty": found.certainty} if found else {}
        return {**self.counts.fields(), **known, "added": self.added[:1000]}
