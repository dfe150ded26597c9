"""What export tells of archives that come in."""

from typing import Literal

from pydantic import Field

from common.contract.errors import Reason
from common.contract.events.event import Event
from common.contract.labels import Id

ImportState = Literal["queued", "running", "done", "failed", "cancelled"]


class ReadArchive(Event):
    """Job: read one import's archive and make objects of it; `checked`, if that is what a dry run looked at before."""

    type = "job.read_archive"
    stream = "IMPORT_JOBS"
    by = "export"

    import_id: Id
    checked: bool = False

    @property
    def about(self) -> str:
        return self.import_id

    def key(self) -> tuple[str | int, ...]:
        return (self.import_id, "checked") if self.checked else (self.import_id,)


class ImportChanged(Event):
    """An import was queued, went on, or ended."""

    type = "import.changed"
    stream = "EXPORT"
    by = "export"

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

    @property
    def about(self) -> str:
        return self.import_id

    def key(self) -> tuple[str | int, ...]:
        return (self.import_id, self.revision)
