import asyncio
from collections.abc import Sequence

import pytest

from annotation.objects.group_commit import MAX_GROUP, GroupCommit


class SlowCommit:
    """Commits numbers slowly, records the groups and their concurrency, and refuses negative numbers."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.running = self.most_running = 0

    async def commit(self, works: Sequence[int]) -> list[int]:
        self.groups.append(list(works))
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        await asyncio.sleep(0.01)
        self.running -= 1
        if any(work < 0 for work in works):
            raise ValueError(works)
        return [10 * work for work in works]


async def test_concurrent_work_is_committed_in_groups() -> None:
    slow = SlowCommit()
    groups = GroupCommit(slow.commit)

    results = await asyncio.gather(*(groups.submit(number, frozenset({str(number)})) for number in range(100)))

    assert results == [10 * number for number in range(100)]
    assert sorted(number for group in slow.groups for number in group) == list(range(100))
    assert len(slow.groups) < 10
    assert max(map(len, slow.groups)) <= MAX_GROUP
    assert slow.most_running == 1


async def test_work_with_a_common_key_is_committed_in_order() -> None:
    slow = SlowCommit()
    groups = GroupCommit(slow.commit)

    await asyncio.gather(
        *(groups.submit(number, frozenset({"same", str(number)})) for number in range(5)), groups.submit(9, frozenset())
    )

    assert slow.groups == [[0, 9], [1], [2], [3], [4]]


async def test_sequential_work_is_committed() -> None:
    groups = GroupCommit(SlowCommit().commit)

    assert [await groups.submit(number, frozenset({"a"})) for number in range(3)] == [0, 10, 20]


async def test_a_failure_only_affects_its_own_work() -> None:
    groups = GroupCommit(SlowCommit().commit)

    works = (groups.submit(number, frozenset({str(number)})) for number in (1, -2, 3, 4))
    number, two, three, four = await asyncio.gather(*works, return_exceptions=True)

    assert (number, three, four) == (10, 30, 40)
    with pytest.raises(ValueError, match=r"\[-2\]"):
        raise two if isinstance(two, Exception) else AssertionError(two)


async def test_a_cancelled_caller_does_not_block_others() -> None:
    slow = SlowCommit()
    groups = GroupCommit(slow.commit)
    first = asyncio.create_task(groups.submit(1, frozenset({"a"})))
    second = asyncio.create_task(groups.submit(2, frozenset({"a"})))
    await asyncio.sleep(0)
    first.cancel()

    assert await second == 20
    assert await groups.submit(3, frozenset({"a"})) == 30
