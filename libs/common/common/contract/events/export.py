"""What export tells of archives that go out."""

from typing import Any, Literal

from pydantic import Field

from common.contract.errors import Reason
from common.contract.events.event import Event
from common.contract.labels import Id

ExportState = Literal["queued", "running", "done", "failed", "cancelled"]


class WriteExport(Event):
    """Job: write one export's archive."""

    type = "job.write_export"
    stream = "EXPORT_JOBS"
    by = "export"

    export_id: Id

    @property
    def about(self) -> str:
        return self.export_id

    def key(self) -> tuple[str | int, ...]:
        return (self.export_id,)


class ExportChanged(Event):
    """An export was queued, went on, or ended."""

    type = "export.changed"
    stream = "EXPORT"
    by = "export"

    export_id: Id
    revision: int
    name: str
    format: str
    state: ExportState
    progress: float = Field(ge=0, le=1)
    size_bytes: int | None = None
    reason: Reason | None = None

    @property
    def about(self) -> str:
        return self.export_id

    def key(self) -> tuple[str | int, ...]:
        return (self.export_id, self.revision)


class ExportReady(Event):
    """An export's archive can be downloaded."""

    type = "export.ready"
    stream = "EXPORT"
    by = "export"

    export_id: Id
    name: str
    format: str
    object_key: str
    size_bytes: int
    sha256: str
    dropped: list[dict[str, Any]] = []

    @property
    def about(self) -> str:
        return self.export_id

    def key(self) -> tuple[str | int, ...]:
        return (self.export_id,)
