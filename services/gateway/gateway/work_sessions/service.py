"""Labeling time as CSV, and whose work a member may see."""

from collections.abc import AsyncIterator

from common.contract.errors import Problem
from common.contract.questions import PageRequest, ReadLabelingTime, TimeEntries, TimeEntry
from common.service.csv import Cell, csv_bytes, guard_formula
from gateway.dependencies import Dependencies
from gateway.domain.projects import Member
from gateway.domain.roles import sees_all_work

ENTRIES_PER_PAGE = 500


def visible_user(user_id: str | None, member: Member) -> str | None:
    """The user whose work is shown: any, or all (None), to owners and admins; to others their own. Raises Problem."""
    if sees_all_work(member.role):
        return user_id
    if user_id not in (None, member.user.id):
        raise Problem("own_work_only")
    return member.user.id


async def labeling_time_csv(question: ReadLabelingTime, dependencies: Dependencies) -> AsyncIterator[bytes]:
    """All entries as CSV. The first page is read before the response begins, so that an error is not a broken body.
    Raises Problem."""
    return _lines(question, await _page(question, None, dependencies), dependencies)


async def _page(question: ReadLabelingTime, cursor: str | None, dependencies: Dependencies) -> TimeEntries:
    page = PageRequest(limit=ENTRIES_PER_PAGE, cursor=cursor)
    return await dependencies.bus.ask(question.model_copy(update={"page": page}))


async def _lines(question: ReadLabelingTime, page: TimeEntries, dependencies: Dependencies) -> AsyncIterator[bytes]:
    yield csv_bytes([("user", "name", "day", "seconds", "edits")])
    while True:
        yield csv_bytes(await _rows(page.items, dependencies))
        if page.next_cursor is None:
            return
        page = await _page(question, page.next_cursor, dependencies)


async def _rows(entries: list[TimeEntry], dependencies: Dependencies) -> list[tuple[Cell, ...]]:
    users = await dependencies.accounts.find_many(sorted({entry.user_id for entry in entries}))
    names = {user_id: guard_formula(user.name) for user_id, user in users.items()}
    return [
        (guard_formula(entry.user_id), names.get(entry.user_id), entry.day, entry.seconds, entry.edits)
        for entry in entries
    ]
