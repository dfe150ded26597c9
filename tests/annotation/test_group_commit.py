import asyncio
from collections.abc import Sequence

import pytest

from annotation.objects.group_commit import MAX_GROUP, GroupCommit


class Bench:
    """Settles numbers slowly: notes the groups, how many were under way at once, and refuses negative numbers."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.under_way = self.most_under_way = 0

    async def commit(self, works: Sequence[int]) -> list[int]:
        self.groups.append(list(works))
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await asyncio.sleep(0.01)
        self.under_way -= 1
        if any(work < 0 for work in works):
            raise ValueError(works)
        return [10 * work for work in works]


async def test_what_waits_at_the_same_time_is_done_groups() -> None:
    bench = Bench()
    groups = GroupCommit(bench.commit)

    results = await asyncio.gather(*(groups.submit(one, frozenset({str(one)})) for one in range(100)))

    assert results == [10 * one for one in range(100)]
    assert sorted(one for group in bench.groups for one in group) == list(range(100))
    assert len(bench.groups) < 10
    assert max(map(len, bench.groups)) <= MAX_GROUP
    assert bench.most_under_way == 1


async def test_works_with_a_common_key_are_done_one_after_the_other_in_order() -> None:
    bench = Bench()
    groups = GroupCommit(bench.commit)

    await asyncio.gather(
        *(groups.submit(one, frozenset({"same", str(one)})) for one in range(5)), groups.submit(9, frozenset())
    )

    assert bench.groups == [[0, 9], [1], [2], [3], [4]]


async def test_work_may_come_one_after_the_other() -> None:
    groups = GroupCommit(Bench().commit)

    assert [await groups.submit(one, frozenset({"a"})) for one in range(3)] == [0, 10, 20]


async def test_one_that_fails_fails_alone() -> None:
    groups = GroupCommit(Bench().commit)

    works = (groups.submit(one, frozenset({str(one)})) for one in (1, -2, 3, 4))
    one, two, three, four = await asyncio.gather(*works, return_exceptions=True)

    assert (one, three, four) == (10, 30, 40)
    with pytest.raises(ValueError, match=r"\[-2\]"):
        raise two if isinstance(two, Exception) else AssertionError(two)


async def test_who_gave_up_waiting_holds_up_nobody() -> None:
    bench = Bench()
    groups = GroupCommit(bench.commit)
    first = asyncio.create_task(groups.submit(1, frozenset({"a"})))
    second = asyncio.create_task(groups.submit(2, frozenset({"a"})))
    await asyncio.sleep(0)
    first.cancel()

    assert await second == 20
    assert await groups.submit(3, frozenset({"a"})) == 30
