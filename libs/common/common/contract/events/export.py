"""Events of exports."""

from typing import Any, Literal

from pydantic import Field

from common.contract.errors import Reason
from common.contract.events.event import Event
from common.contract.labels import Id

ExportState = Literal["queued", "running", "done", "failed", "cancelled"]


class WriteExport(Event, type="job.write_export", stream="EXPORT_JOBS", by="export", key=("export_id",)):
    """Job: write the archive of one export."""

    export_id: Id


class ExportChanged(Event, type="export.changed", stream="EXPORT", by="export", key=("export_id", "revision")):
    """An export was queued, progressed or ended."""

    export_id: Id
    revision: int
    name: str
    format: str
    state: ExportState
    progress: float = Field(ge=0, le=1)
    size_bytes: int | None = None
    reason: Reason | None = None


class ExportReady(Event, type="export.ready", stream="EXPORT", by="export", key=("export_id",)):
    """The archive of an export is ready for download."""

    export_id: Id
    name: str
    format: str
    object_key: str
    size_bytes: int
    sha256: str
    dropped: list[dict[str, Any]] = []
