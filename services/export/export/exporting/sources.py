"""Media and snapshots from other services."""

from common.contract.questions import ListMedia, PageRequest, Snapshot, TakeSnapshot
from common.messaging.bus import AskClient, ask_with_retry
from export.dataset.loss_report import LossReport
from export.dataset.media import ExportMedium, export_medium, is_exportable

_PAGE = 500


async def take_snapshot(bus: AskClient, project_id: str, snapshot_id: str, media: list[str] | None) -> Snapshot:
    """A consistent snapshot of the labels of media (all if None)."""
    return await ask_with_retry(bus, TakeSnapshot(snapshot_id=snapshot_id, project_id=project_id, media=media))


async def list_media(
    bus: AskClient, project_id: str, media: list[str] | None, report: LossReport
) -> list[ExportMedium]:
    """The chosen media (all if None) that have frames; others are reported."""
    if media is None:
        return await _list_part(bus, project_id, None, report)
    wanted = sorted(set(media))
    found: list[ExportMedium] = []
    for begin in range(0, len(wanted), _PAGE):
        found += await _list_part(bus, project_id, wanted[begin : begin + _PAGE], report)
    return found


async def _list_part(
    bus: AskClient, project_id: str, media: list[str] | None, report: LossReport
) -> list[ExportMedium]:
    found: list[ExportMedium] = []
    listed, cursor = 0, None
    while True:
        question = ListMedia(project_id=project_id, media=media, page=PageRequest(limit=_PAGE, cursor=cursor))
        page = await ask_with_retry(bus, question)
        ready = [export_medium(medium) for medium in page.items if is_exportable(medium)]
        found += ready
        listed += len(page.items)
        report.add("lost_unready_files", len(page.items) - len(ready))
        cursor = page.next_cursor
        if cursor is None:
            break
    report.add("lost_missing_files", 0 if media is None else len(media) - listed)
    return found
