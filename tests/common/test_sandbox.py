"""Untrusted bytes are decoded in an isolated, limited child process."""

import asyncio
import contextlib
import random
import subprocess
import sys
import time

import psutil
import pytest

from common.sandbox.parent import BytesFile, Crashed, LimitExceeded, Limits, Message, Undecodable, run, run_sync

HERE = "tests.common.sandbox_functions:"


async def all_of(function: str, limits: Limits | None = None, **arguments: object) -> list[Message]:
    files = {name: arguments.pop(name) for name in list(arguments) if isinstance(arguments[name], BytesFile)}
    async with run(HERE + function, arguments, files, limits or Limits()) as messages:  # type: ignore[arg-type]
        return [message async for message in messages]


async def test_messages_arrive_in_order_with_their_bytes() -> None:
    messages = await all_of("count", to=50, size=70_000)

    assert [message.head["number"] for message in messages] == list(range(50))
    assert all(message.body == bytes([number]) * 70_000 for number, message in enumerate(messages))


def test_a_thread_can_run_a_child() -> None:
    with run_sync(HERE + "count", {"to": 3, "size": 1}) as messages:
        assert [bytes(message.body) for message in messages] == [b"\0", b"\1", b"\2"]


@pytest.mark.parametrize("step", [7777, 1 << 20, 3_000_000])
async def test_a_file_is_read_through_the_parent(step: int) -> None:
    content = random.Random(1).randbytes(5_000_001)

    messages = await all_of("read_all", source=BytesFile(content), step=step)

    assert b"".join(message.body for message in messages) == content


async def test_a_file_is_read_at_any_offset() -> None:
    content = random.Random(2).randbytes(3_000_000)
    ranges = [[2_999_990, 100], [0, 10], [1_048_570, 20], [5_000_000, 5], [17, 0]]

    messages = await all_of("read_at", source=BytesFile(content), ranges=ranges)

    assert [bytes(message.body) for message in messages] == [content[at : at + size] for at, size in ranges]


async def test_an_error_of_a_file_is_raised_unchanged() -> None:
    class Failing:
        size = 10

        def read_range(self, offset: int, length: int) -> bytes:
            raise ConnectionError("S3 is away")

    async with run(HERE + "read_all", {"step": 5}, {"source": Failing()}) as messages:
        with pytest.raises(ConnectionError, match="S3 is away"):
            await anext(aiter(messages))


async def test_a_child_has_no_credentials_no_network_and_no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKLANE_S3_URL", "http://access:secret@somewhere/bucket")

    (found,) = await all_of("surroundings")

    assert not any("secret" in value for value in found.head["environment"].values())
    assert found.head["files"] == "not writable"
    assert found.head["network"] != "connected"


@pytest.mark.skipif(
    subprocess.run(["unshare", "--user", "--net", "true"], capture_output=True, check=False).returncode != 0,
    reason="the kernel does not allow unprivileged network namespaces",
)
async def test_a_child_has_an_empty_network_namespace() -> None:
    (found,) = await all_of("surroundings")

    assert found.head["network"] == "none"


async def test_a_refusal_keeps_its_code_and_parameters() -> None:
    with pytest.raises(Undecodable) as refused:
        await all_of("refuse", clip=3)

    assert (refused.value.code, refused.value.params) == ("clip_not_decodable", {"clip": 3})


async def test_bugs_and_crashes_are_distinguished_from_refusals() -> None:
    with pytest.raises(Crashed, match="a bug"):
        await all_of("fail")
    with pytest.raises(Crashed, match="SIGSEGV"):
        await all_of("crash")


async def test_limits_are_enforced() -> None:
    with pytest.raises(LimitExceeded, match="processor time"):
        await all_of("spin", Limits(cpu_s=1))
    with pytest.raises(LimitExceeded, match="takes more than 1 seconds"):
        await all_of("sleep", Limits(wall_s=1))
    with pytest.raises(LimitExceeded, match="memory"):
        await all_of("eat_memory", Limits(memory_bytes=1 << 30))


async def test_a_cancelled_task_kills_its_child() -> None:
    started: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def work() -> None:
        async with run(HERE + "spin", {}) as messages:
            async for message in messages:
                started.set_result(message.head["pid"])

    task = asyncio.create_task(work())
    pid = await asyncio.wait_for(started, 10)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task

    await gone(pid)


async def test_leaving_early_kills_the_child() -> None:
    async with run(HERE + "count", {"to": 1_000_000, "size": 1000}) as messages:
        first = await anext(aiter(messages))
    async with run(HERE + "sleep", {}) as messages:
        pid = (await anext(aiter(messages))).head["pid"]

    assert first.head["number"] == 0
    await gone(pid)


async def test_a_child_dies_with_its_parent() -> None:
    program = (
        "from common.sandbox.parent import run_sync\n"
        f"with run_sync('{HERE}sleep', {{}}) as messages:\n"
        "    print(next(messages).head['pid'], flush=True)\n"
        "    next(messages)\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    parent.kill()
    await parent.wait()

    await gone(pid)


async def gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the child is still there"
        await asyncio.sleep(0.05)
