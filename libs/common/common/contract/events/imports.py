"""Events of imports."""

from typing import Literal

from pydantic import Field

from common.contract.errors import Reason
from common.contract.events.event import Event
from common.contract.labels import Id

ImportState = Literal["queued", "running", "done", "failed", "cancelled"]


class ReadArchive(Event, type="job.read_archive", stream="IMPORT_JOBS", by="export"):
    """Job: read the archive of one import and create its objects. `checked` is set after a dry run."""

    import_id: Id
    checked: bool = False

    def key(self) -> tuple[str | int, ...]:
        return (self.import_id, "checked") if self.checked else (self.import_id,)


class ImportChanged(Event, type="import.changed", stream="EXPORT", by="export", key=("import_id", "revision")):
    """An import was queued, progressed or ended."""

    import_id: Id
    revision: int
    name: str
    format: str | None = None
    state: ImportState
    progress: float = Field(ge=0, le=1)
    dry_run: bool = False
    created: int = 0
    unchanged: int = 0
    refused: int = 0
    skipped: int = 0
    reason: Reason | None = None
