"""Threads for CPU-bound work on large batches and long tracks."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple, Unpack

T = TypeVar("T")
A = TypeVarTuple("A")
# Work of a few milliseconds runs inline; passing it to a thread and back would take as long.
_INLINE_BYTES = 100_000
# A separate pool: all threads of `to_thread` may be waiting for S3.
_THREADS = ThreadPoolExecutor(2, "edits")


async def computed(size_bytes: int, work: Callable[[Unpack[A]], T], *arguments: *A) -> T:
    """The result of `work(*arguments)`, computed off the event loop if `size_bytes` is large."""
    if size_bytes < _INLINE_BYTES:
        return work(*arguments)
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work, *arguments)
