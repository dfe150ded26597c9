"""What an export asks other services for."""

import asyncio
import time
from typing import Protocol, TypeVar

from common.errors import Problem
from common.model import Model
from common.questions import ListMedia, Page, Question, Snapshot, TakeSnapshot
from export.domain.media import ExportMedium, slim, usable
from export.domain.report import Report

A = TypeVar("A", bound=Model)
PATIENCE_S = 120.0
_AGAIN_AFTER_S = 2.0
_PAGE = 500


class Asks(Protocol):
    """Somebody who asks services: the bus."""

    async def ask(self, question: Question[A]) -> A:
        """The answer. Raises Problem."""


async def ask_patiently(bus: Asks, question: Question[A], patience_s: float = PATIENCE_S) -> A:
    """The answer, also of a service that is just being started again. Raises Problem."""
    give_up_at = time.monotonic() + patience_s
    while True:
        try:
            return await bus.ask(question)
        except Problem as problem:
            if problem.status not in (503, 504) or time.monotonic() > give_up_at:
                raise
        await asyncio.sleep(_AGAIN_AFTER_S)


async def take_snapshot(bus: Asks, project_id: str, snapshot_id: str, media: list[str] | None) -> Snapshot:
    """A consistent picture of the labels of media (all if not given)."""
    return await ask_patiently(bus, TakeSnapshot(snapshot_id=snapshot_id, project_id=project_id, media=media))


async def list_media(bus: Asks, project_id: str, media: list[str] | None, report: Report) -> list[ExportMedium]:
    """The chosen media (all if None) that have frames; others are reported."""
    if media is None:
        return await _list_part(bus, project_id, None, report)
    wanted = sorted(set(media))
    found: list[ExportMedium] = []
    for begin in range(0, len(wanted), _PAGE):
        found += await _list_part(bus, project_id, wanted[begin : begin + _PAGE], report)
    return found


async def _list_part(bus: Asks, project_id: str, media: list[str] | None, report: Report) -> list[ExportMedium]:
    found: list[ExportMedium] = []
    listed, cursor = 0, None
    while True:
        asked = ListMedia(project_id=project_id, media=media, page=Page(limit=_PAGE, cursor=cursor))
        page = await ask_patiently(bus, asked)
        ready = [slim(medium) for medium in page.items if usable(medium)]
        found += ready
        listed += len(page.items)
        report.drop("files without frames: still in the making, or failed", len(page.items) - len(ready))
        cursor = page.next_cursor
        if cursor is None:
            break
    report.drop("files that are no longer there", 0 if media is None else len(media) - listed)
    return found
