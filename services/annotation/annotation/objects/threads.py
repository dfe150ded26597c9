"""Threads for work that a large batch or a long track makes heavy."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple, Unpack

T = TypeVar("T")
A = TypeVarTuple("A")
# What takes less than some milliseconds is computed at once; giving it to a thread and back would take as long.
_COMPUTED_AT_ONCE_BYTES = 100_000
# Of their own: those of `to_thread` may all wait for S3.
_THREADS = ThreadPoolExecutor(2, "edits")


async def computed(size_bytes: int, work: Callable[[Unpack[A]], T], *arguments: *A) -> T:
    """What `work(*arguments)` returns, off the event loop if it has `size_bytes` enough to take its time."""
    if size_bytes < _COMPUTED_AT_ONCE_BYTES:
        return work(*arguments)
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work, *arguments)
