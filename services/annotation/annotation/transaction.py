"""MongoDB transactions, durable on a majority and repeated after a conflict."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from annotation.metrics import TRANSACTIONS_REPEATED

T = TypeVar("T")
PATIENCE_S = 8.0
_MAX_PAUSE_S = 0.1
_DUPLICATE_KEY = 11000


class StaleRead(Exception):
    """Data that the transaction relies on has changed since it was read. The transaction is repeated."""


async def in_transaction(client: Any, work: Callable[[Any], Awaitable[T]]) -> T:
    """The result of `work(session)`, once everything it wrote is journaled on a majority.

    `work` may run several times, each time on the current data, for example after a commit with an unknown outcome.
    It must therefore recognize its own earlier effect.
    """
    deadline = time.monotonic() + PATIENCE_S
    pause_s = 0.002
    while True:
        try:
            return await attempted(client, work)
        except (PyMongoError, StaleRead) as error:
            if not _is_repeatable(error) or time.monotonic() > deadline:
                raise
        TRANSACTIONS_REPEATED.inc()
        await asyncio.sleep(random.uniform(0, pause_s))  # noqa: S311  jitter, not a secret
        pause_s = min(2 * pause_s, _MAX_PAUSE_S)


async def attempted(client: Any, work: Callable[[Any], Awaitable[T]]) -> T:
    """One attempt of `in_transaction`: also raises errors after which a repetition might succeed."""
    async with await client.start_session() as session:
        options = {"read_concern": ReadConcern("snapshot"), "write_concern": WriteConcern("majority", j=True)}
        async with session.start_transaction(**options):
            return await work(session)


def _is_repeatable(error: Exception) -> bool:
    if not isinstance(error, PyMongoError):
        return True
    labels = ("TransientTransactionError", "UnknownTransactionCommitResult")
    return any(map(error.has_error_label, labels)) or _is_duplicate(error)


def _is_duplicate(error: PyMongoError) -> bool:
    """Whether another transaction inserted the same key first. The next attempt sees its document."""
    if getattr(error, "code", None) == _DUPLICATE_KEY:
        return True
    details = getattr(error, "details", None) or {}
    return any(write_error.get("code") == _DUPLICATE_KEY for write_error in details.get("writeErrors", ()))
