"""Bodies that are streamed on to S3."""

from collections.abc import AsyncIterator

from common.contract.errors import Problem
from common.service.metrics import S3_BYTES


async def exactly(body: AsyncIterator[bytes], size_bytes: int) -> AsyncIterator[bytes]:
    """The chunks of a body that must have this size. Raises Problem."""
    left = size_bytes
    async for chunk in body:
        left -= len(chunk)
        if left < 0:
            raise Problem("body_longer_than_declared")
        S3_BYTES.labels("up").inc(len(chunk))
        yield chunk
    if left:
        raise Problem("body_shorter_than_declared")
