"""Work that is begun before its turn comes, and not much before."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_order(executor: Executor, work: Callable[[T], R], items: Iterable[T], ahead: int) -> Iterator[R]:
    """What `work` makes of each item, in their order; that of the next `ahead` is under way meanwhile."""
    left = iter(items)
    begun = deque(executor.submit(work, item) for item in islice(left, ahead))
    while begun:
        done = begun.popleft().result()
        begun.extend(executor.submit(work, item) for item in islice(left, 1))
        yield done
