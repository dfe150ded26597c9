"""Leased jobs: one process works on a job at a time; if it dies, another process takes over.

    worker = JobWorker(exports, publish_changed)               # `exports` is a JobRepository
    record = await worker.run(job.export_id, write_archive)    # write_archive(record, lease) → fields of the result
    # in write_archive: set `lease.measure = lambda: Progress(share)`, and call `lease.check()` regularly

The lease is a field of the job's document (`held_until`). While the job runs, a watcher extends the lease, stores the
progress, and stops the work if the job is cancelled or taken over.
"""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import structlog
from nats.errors import Error as NatsError
from pymongo import ReturnDocument
from pymongo.errors import PyMongoError

from common.contract.errors import CodedError, ErrorKind, Reason
from common.service.ids import new_id
from common.storage.mongo import Document

log = structlog.get_logger()

# The watcher extends a lease every second. A lease that expires belongs to a dead process.
LEASE_S = 15.0
WATCH_S = 1.0
PROGRESS_STEP = 0.01
OPEN = ("queued", "running")
TEMPORARY = frozenset({ErrorKind.INTERNAL, ErrorKind.UNAVAILABLE, ErrorKind.TIMED_OUT})


class JobStopped(Exception):
    """The job was cancelled or taken over by another process. The work ends without a result."""


class JobTakenOver(Exception):
    """Another process has taken over the job. The message is redelivered and finds the outcome."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The completed share, 0 to 1, and other fields to store in the job's document."""

    share: float
    fields: Mapping[str, Any] = field(default_factory=dict)


class JobRecord(Protocol):
    """A job as its repository returns it."""

    @property
    def state(self) -> str:
        """queued, running, done, failed or cancelled."""


R = TypeVar("R", bound=JobRecord)
R_co = TypeVar("R_co", bound=JobRecord, covariant=True)


class JobRepository(Protocol[R_co]):
    """Jobs of one kind. `JobCollection` implements it on a collection."""

    async def find(self, job_id: str) -> R_co | None:
        """The job; None if there is none."""

    async def begin(self, job_id: str, holder: str, now: float) -> R_co | None:
        """Acquire the lease; None while another process holds it, or if the job has ended."""

    async def hold(self, job_id: str, holder: str, now: float) -> bool:
        """Extend the lease; False if the job was cancelled or taken over."""

    async def progress(self, job_id: str, holder: str, progress: Progress) -> R_co | None:
        """Store the progress; None if the lease is lost."""

    async def finish(self, job_id: str, holder: str, fields: Mapping[str, Any]) -> R_co | None:
        """End the job with its result; None if the lease is lost."""

    async def fail(self, job_id: str, reason: Reason) -> R_co | None:
        """End the job as failed; None if it has already ended."""


@dataclass(slots=True)
class Lease:
    """The exclusive right to work on a job. `measure` is called every second on the event loop."""

    job_id: str
    holder: str
    measure: Callable[[], Progress] = lambda: Progress(0.0)
    stopped: threading.Event = field(default_factory=threading.Event)

    def check(self) -> None:
        """Call between steps of the work, also from threads.

        Raises:
            JobStopped: The job was cancelled or taken over.
        """
        if self.stopped.is_set():
            raise JobStopped


class JobWorker(Generic[R]):
    """Runs jobs of one kind under a lease."""

    def __init__(
        self,
        jobs: JobRepository[R],
        on_change: Callable[[R], Awaitable[None]],
        *,
        temporary: frozenset[ErrorKind] = TEMPORARY,
        watch_s: float = WATCH_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`on_change` publishes a job that started or progressed. A coded error fails the job, unless its kind is in
        `temporary`: then it is raised, so that the message is redelivered."""
        self._jobs = jobs
        self._on_change = on_change
        self._temporary = temporary
        self._watch_s = watch_s
        self._clock = clock

    async def run(self, job_id: str, work: Callable[[R, Lease], Awaitable[Mapping[str, Any]]]) -> R | None:
        """Run a job; returns its final state, by this process or another one, or None if it does not exist.

        While another process holds the lease, this one waits until the job ends or the lease expires.

        Raises:
            JobTakenOver: The lease expired, and another process took over.
            Exception: An error of `work` that does not fail the job.
        """
        lease = Lease(job_id, new_id())
        record = await self._begin(lease)
        if record is None or record.state != "running":
            return record
        await self._on_change(record)
        try:
            async with self._watched(lease):
                fields = await work(record, lease)
        except JobStopped:
            return await self._ended(job_id)
        except CodedError as error:
            if error.kind in self._temporary:
                raise
            return await self._jobs.fail(job_id, error.reason) or await self._ended(job_id)
        return await self._jobs.finish(job_id, lease.holder, fields) or await self._ended(job_id)

    async def _begin(self, lease: Lease) -> R | None:
        while True:
            if record := await self._jobs.begin(lease.job_id, lease.holder, self._clock()):
                return record
            current = await self._jobs.find(lease.job_id)
            if current is None or current.state not in OPEN:
                return current
            await asyncio.sleep(self._watch_s)

    async def _ended(self, job_id: str) -> R | None:
        record = await self._jobs.find(job_id)
        if record is not None and record.state in OPEN:
            raise JobTakenOver(job_id)
        return record

    @asynccontextmanager
    async def _watched(self, lease: Lease) -> AsyncIterator[None]:
        watcher = asyncio.create_task(self._watch(lease))
        try:
            yield
        finally:
            lease.stopped.set()
            watcher.cancel()
            await asyncio.gather(watcher, return_exceptions=True)

    async def _watch(self, lease: Lease) -> None:
        stored = 0.0
        while True:
            await asyncio.sleep(self._watch_s)
            try:
                if not await self._jobs.hold(lease.job_id, lease.holder, self._clock()):
                    break
                stored = await self._store_progress(lease, stored)
            except (PyMongoError, NatsError) as error:
                # A short outage of a server does not discard the work.
                log.warning("job lease not extended", job=lease.job_id, error=repr(error))
        lease.stopped.set()

    async def _store_progress(self, lease: Lease, stored: float) -> float:
        progress = lease.measure()
        if progress.share - stored < PROGRESS_STEP:
            return stored
        if record := await self._jobs.progress(lease.job_id, lease.holder, progress):
            await self._on_change(record)
        return progress.share


class JobCollection(Generic[R]):
    """The jobs in one collection, as a `JobRepository`. Each transition is one conditional write that
    increments `revision`. It returns the changed job, or None if the condition was not met.

    A document has the fields `state`, `progress`, `revision`, `held_until` (Unix seconds, 0 without a lease), `holder`
    and, with `restart_failed`, `failures`.
    """

    def __init__(
        self,
        collection: Any,
        to_record: Callable[[Document], R],
        *,
        lease_s: float = LEASE_S,
        restart_failed: bool = False,
    ) -> None:
        """`restart_failed`: a failed job may be started again; `failures` counts that."""
        self._jobs = collection
        self._to_record = to_record
        self._lease_s = lease_s
        self._restart_failed = restart_failed

    async def find(self, job_id: str) -> R | None:
        """The job; None if there is none."""
        return self._record(await self._jobs.find_one({"_id": job_id}))

    async def begin(self, job_id: str, holder: str, now: float) -> R | None:
        """queued, or running with an expired lease → running."""
        free: Document = {"_id": job_id, "held_until": {"$lt": now}}
        lease = {"holder": holder, "held_until": now + self._lease_s}
        running = {"state": "running", "progress": 0.0, "reason": None, **lease}
        begun = await self._change(free | {"state": {"$in": OPEN}}, running)
        if begun is None and self._restart_failed:
            begun = await self._change(free | {"state": "failed"}, running, failures=1)
        return begun

    async def hold(self, job_id: str, holder: str, now: float) -> bool:
        """Extend the lease without changing `revision`; False if the lease is lost."""
        extended = await self._jobs.update_one(_held(job_id, holder), {"$set": {"held_until": now + self._lease_s}})
        return bool(extended.matched_count)

    async def progress(self, job_id: str, holder: str, progress: Progress) -> R | None:
        """running → running, with progress."""
        return await self._change(_held(job_id, holder), {**progress.fields, "progress": progress.share})

    async def finish(self, job_id: str, holder: str, fields: Mapping[str, Any]) -> R | None:
        """running → done."""
        done = {"state": "done", "progress": 1.0, "held_until": 0.0}
        return await self._change(_held(job_id, holder), {**fields, **done})

    async def fail(self, job_id: str, reason: Reason) -> R | None:
        """queued or running → failed."""
        return await self._end(job_id, "failed", {"reason": reason.model_dump()}, OPEN)

    async def cancel(
        self, job_id: str, fields: Mapping[str, Any] | None = None, *, states: tuple[str, ...] = OPEN
    ) -> R | None:
        """One of `states` → cancelled."""
        return await self._end(job_id, "cancelled", fields or {}, states)

    async def _end(self, job_id: str, state: str, fields: Mapping[str, Any], states: tuple[str, ...]) -> R | None:
        where: Document = {"_id": job_id, "state": {"$in": states}}
        return await self._change(where, {**fields, "state": state, "held_until": 0.0})

    async def _change(self, where: Document, fields: Document, failures: int = 0) -> R | None:
        increments = {"revision": 1} | ({"failures": failures} if failures else {})
        return self._record(
            await self._jobs.find_one_and_update(
                where, {"$set": fields, "$inc": increments}, return_document=ReturnDocument.AFTER
            )
        )

    def _record(self, document: Document | None) -> R | None:
        return None if document is None else self._to_record(document)


def _held(job_id: str, holder: str) -> Document:
    return {"_id": job_id, "state": "running", "holder": holder}
