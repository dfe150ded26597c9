"""Leased jobs: one worker at a time, takeover of a dead one, cancellation while running."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from common.contract.errors import ErrorKind, Problem, Reason
from common.messaging.jobs import JobCollection, JobStopped, JobTakenOver, JobWorker, Lease, Progress
from common.service.settings import Settings
from common.storage.mongo import Database, Document, database
from deploy.local.servers import embedded_servers

NO_FIELDS: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Record:
    state: str
    document: Document


class Jobs(JobCollection[Record]):
    def __init__(self, collection: Any, *, restart_failed: bool = False) -> None:
        super().__init__(
            collection, lambda document: Record(document["state"], document), restart_failed=restart_failed
        )
        self.collection = collection

    async def add(self, job_id: str) -> None:
        queued = {"_id": job_id, "state": "queued", "progress": 0.0, "revision": 1, "failures": 0, "held_until": 0.0}
        await self.collection.insert_one(queued)


class Changes:
    def __init__(self) -> None:
        self.shares: list[float] = []

    async def publish(self, changed: Record) -> None:
        self.shares.append(changed.document["progress"])


@pytest.fixture(scope="module")
async def records(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Database]:
    home: Path = tmp_path_factory.mktemp("jobs")
    async with embedded_servers(home) as servers:
        yield database(Settings.model_validate(servers.settings("export")))


@pytest.fixture
async def jobs(records: Database, request: pytest.FixtureRequest) -> Jobs:
    return Jobs(records[request.node.name])


def worker(jobs: Jobs, changes: Changes | None = None, **options: Any) -> JobWorker[Record]:
    return JobWorker(jobs, (changes or Changes()).publish, watch_s=0.02, **options)


def returning(fields: Mapping[str, Any]) -> Callable[[Record, Lease], Awaitable[Mapping[str, Any]]]:
    async def work(_: Record, __: Lease) -> Mapping[str, Any]:
        return fields

    return work


@pytest.mark.servers
async def test_a_finished_job_has_its_result_and_no_lease(jobs: Jobs) -> None:
    await jobs.add("j")

    ended = await worker(jobs).run("j", returning({"size_bytes": 3}))

    assert ended is not None
    assert ended.state == "done"
    assert {name: ended.document[name] for name in ("size_bytes", "progress", "held_until", "revision")} == {
        "size_bytes": 3,
        "progress": 1.0,
        "held_until": 0.0,
        "revision": 3,
    }


@pytest.mark.servers
async def test_a_redelivered_job_is_not_repeated(jobs: Jobs) -> None:
    await jobs.add("j")
    await worker(jobs).run("j", returning({"result": 1}))

    again = await worker(jobs).run("j", returning({"result": 2}))

    assert again is not None
    assert again.document["result"] == 1


@pytest.mark.servers
async def test_a_missing_job_is_none(jobs: Jobs) -> None:
    assert await worker(jobs).run("none", returning(NO_FIELDS)) is None


@pytest.mark.servers
async def test_progress_is_stored_and_published_in_steps(jobs: Jobs) -> None:
    changes = Changes()
    await jobs.add("j")

    async def work(_: Record, lease: Lease) -> Mapping[str, Any]:
        lease.measure = lambda: Progress(0.5, {"rows": 7})
        while len(changes.shares) < 2:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        return NO_FIELDS

    ended = await worker(jobs, changes).run("j", work)

    assert changes.shares == [0.0, 0.5]
    assert ended is not None
    assert ended.document["rows"] == 7


@pytest.mark.servers
async def test_cancelling_stops_the_work(jobs: Jobs) -> None:
    await jobs.add("j")

    async def work(_: Record, lease: Lease) -> Mapping[str, Any]:
        await jobs.cancel("j")
        while True:
            lease.check()
            await asyncio.sleep(0.01)

    ended = await worker(jobs).run("j", work)

    assert ended is not None
    assert ended.state == "cancelled"


@pytest.mark.servers
async def test_a_result_after_the_cancellation_is_dropped(jobs: Jobs) -> None:
    await jobs.add("j")

    async def work(_: Record, __: Lease) -> Mapping[str, Any]:
        await jobs.cancel("j")
        return {"size_bytes": 3}

    ended = await worker(jobs).run("j", work)

    assert ended is not None
    assert (ended.state, ended.document.get("size_bytes")) == ("cancelled", None)


@pytest.mark.servers
async def test_an_expired_lease_is_taken_over_and_the_first_worker_stops(jobs: Jobs) -> None:
    await jobs.add("j")

    async def work(_: Record, lease: Lease) -> Mapping[str, Any]:
        assert await jobs.begin("j", "another process", 1e12) is not None
        while True:
            lease.check()
            await asyncio.sleep(0.01)

    with pytest.raises(JobTakenOver):
        await worker(jobs).run("j", work)


@pytest.mark.servers
async def test_a_second_worker_waits_for_the_first_and_returns_its_result(jobs: Jobs) -> None:
    await jobs.add("j")
    assert await jobs.begin("j", "first", 1000.0) is not None
    second = asyncio.create_task(worker(jobs, clock=lambda: 1001.0).run("j", returning({"by": "second"})))
    await asyncio.sleep(0.1)

    await jobs.finish("j", "first", {"by": "first"})

    ended = await second
    assert ended is not None
    assert ended.document["by"] == "first"


@pytest.mark.servers
async def test_a_second_worker_takes_over_the_job_of_a_dead_one(jobs: Jobs) -> None:
    await jobs.add("j")
    assert await jobs.begin("j", "first", 1000.0) is not None

    ended = await worker(jobs, clock=lambda: 1100.0).run("j", returning({"by": "second"}))

    assert ended is not None
    assert ended.document["by"] == "second"


@pytest.mark.servers
async def test_a_coded_error_fails_the_job_with_its_reason(jobs: Jobs) -> None:
    await jobs.add("j")

    async def work(_: Record, __: Lease) -> Mapping[str, Any]:
        raise Problem("external_no_such_bucket", host="s3.example")

    ended = await worker(jobs).run("j", work)

    assert ended is not None
    assert ended.state == "failed"
    assert ended.document["reason"]["code"] == "external_no_such_bucket"


@pytest.mark.servers
@pytest.mark.parametrize(
    ("error", "options"),
    [
        (Problem("service_unavailable", service="ingest"), {}),
        (Problem("changed_meanwhile"), {"temporary": frozenset({ErrorKind.CONFLICT})}),
        (OSError("no disk"), {}),
        (JobStopped(), {}),
    ],
    ids=["unavailable", "conflict", "system", "stopped without a reason"],
)
async def test_a_temporary_error_leaves_the_job_to_the_next_delivery(
    records: Database, error: Exception, options: dict[str, Any]
) -> None:
    jobs = Jobs(records[f"temporary_{type(error).__name__}_{len(options)}"])
    await jobs.add("j")

    async def work(_: Record, __: Lease) -> Mapping[str, Any]:
        raise error

    with pytest.raises(JobTakenOver if isinstance(error, JobStopped) else type(error)):
        await worker(jobs, **options).run("j", work)

    found = await jobs.find("j")
    assert found is not None
    assert found.state == "running"


@pytest.mark.servers
async def test_a_failed_job_restarts_if_enabled(records: Database) -> None:
    jobs = Jobs(records.failed_again, restart_failed=True)
    await jobs.add("j")
    await jobs.fail("j", Reason(code="internal_error"))

    ended = await worker(jobs).run("j", returning(NO_FIELDS))

    assert ended is not None
    assert (ended.state, ended.document["failures"], ended.document["reason"]) == ("done", 1, None)


@pytest.mark.servers
async def test_a_failed_job_stays_failed_by_default(jobs: Jobs) -> None:
    await jobs.add("j")
    await jobs.fail("j", Reason(code="internal_error"))

    ended = await worker(jobs).run("j", returning(NO_FIELDS))

    assert ended is not None
    assert ended.state == "failed"


@pytest.mark.servers
@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
async def test_cancelling_an_ended_job_changes_nothing_by_default(records: Database, state: str) -> None:
    jobs = Jobs(records[f"cancel_{state}"])
    await jobs.add("j")
    await jobs.collection.update_one({"_id": "j"}, {"$set": {"state": state}})

    assert await jobs.cancel("j") is None
    cancelled = await jobs.cancel("j", states=(state,))
    assert cancelled is not None
    assert cancelled.state == "cancelled"
