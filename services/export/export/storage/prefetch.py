"""Ordered prefetching."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_order(executor: Executor, work: Callable[[T], R], items: Iterable[T], ahead: int) -> Iterator[R]:
    """The result of `work` for each item, in order; the next `ahead` items are worked on meanwhile."""
    remaining = iter(items)
    pending = deque(executor.submit(work, item) for item in islice(remaining, ahead))
    while pending:
        done = pending.popleft().result()
        pending.extend(executor.submit(work, item) for item in islice(remaining, 1))
        yield done
