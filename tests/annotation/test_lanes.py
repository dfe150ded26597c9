import asyncio
from collections.abc import Sequence

import pytest

from annotation.store.lanes import LANES, MOST_TOGETHER, Lanes


class Bench:
    """Settles numbers slowly: notes the groups, how many were under way at once, and refuses negative numbers."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.under_way = self.most_under_way = 0

    async def settle(self, works: Sequence[int]) -> list[int]:
        self.groups.append(list(works))
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await asyncio.sleep(0.01)
        self.under_way -= 1
        if any(work < 0 for work in works):
            raise ValueError(works)
        return [10 * work for work in works]


async def test_what_waits_at_the_same_time_is_done_together() -> None:
    bench = Bench()
    lanes = Lanes(bench.settle)

    results = await asyncio.gather(*(lanes.done(one, frozenset({str(one)})) for one in range(100)))

    assert results == [10 * one for one in range(100)]
    assert sorted(one for group in bench.groups for one in group) == list(range(100))
    assert len(bench.groups) < 10
    assert max(map(len, bench.groups)) <= MOST_TOGETHER
    assert bench.most_under_way == LANES


async def test_works_with_a_common_key_are_done_one_after_the_other_in_order() -> None:
    bench = Bench()
    lanes = Lanes(bench.settle)

    await asyncio.gather(
        *(lanes.done(one, frozenset({"same", str(one)})) for one in range(5)), lanes.done(9, frozenset())
    )

    assert [group for group in bench.groups if group != [9]] in (
        [[0, 9], [1], [2], [3], [4]],
        [[0], [1], [2], [3], [4]],
    )
    assert len([group for group in bench.groups if len(set(group) - {9}) > 1]) == 0


async def test_one_that_fails_fails_alone() -> None:
    lanes = Lanes(Bench().settle)

    works = (lanes.done(one, frozenset({str(one)})) for one in (1, -2, 3, 4))
    one, two, three, four = await asyncio.gather(*works, return_exceptions=True)

    assert (one, three, four) == (10, 30, 40)
    with pytest.raises(ValueError, match=r"\[-2\]"):
        raise two if isinstance(two, Exception) else AssertionError(two)


async def test_who_gave_up_waiting_holds_up_nobody() -> None:
    bench = Bench()
    lanes = Lanes(bench.settle)
    first = asyncio.create_task(lanes.done(1, frozenset({"a"})))
    second = asyncio.create_task(lanes.done(2, frozenset({"a"})))
    await asyncio.sleep(0)
    first.cancel()

    assert await second == 20
    assert await lanes.done(3, frozenset({"a"})) == 30
