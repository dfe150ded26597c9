"""Programs are kept running, stopped for certain, and never orphaned."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local.child import Child, NotReady, Program
from deploy.local.supervisor import CrashLoop, RestartPolicy, Supervisor

QUICK = RestartPolicy(crashes=3, first_delay_s=0.02, longest_delay_s=0.1)
ROOT = Path(__file__).parents[2]


class Output:
    """Collects what the programs print."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def __call__(self, name: str, line: str) -> None:
        self.lines.append((name, line))

    def of(self, name: str) -> list[str]:
        return [line for who, line in self.lines if who == name]


def python(name: str, code: str, **options: object) -> Program:
    return Program(name, [sys.executable, "-u", "-c", textwrap.dedent(code)], **options)  # type: ignore[arg-type]


def forever(name: str) -> Program:
    return python(name, "import os, time; print(os.getpid()); time.sleep(60)")


async def eventually(holds: Callable[[], bool], within_s: float = 5) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_a_killed_program_is_started_again() -> None:
    output = Output()
    supervisor = Supervisor([[forever("ingest")]], output, QUICK)
    await supervisor.start()
    await eventually(lambda: len(output.of("ingest")) == 1)

    os.kill(int(output.of("ingest")[0]), signal.SIGKILL)

    await eventually(lambda: len(output.of("ingest")) == 3)
    assert "starts again" in output.of("ingest")[1]
    await supervisor.stop()


async def test_a_program_in_a_crash_loop_is_given_up() -> None:
    output = Output()
    supervisor = Supervisor([[python("ingest", "print('no'); raise SystemExit(1)")]], output, QUICK)

    await supervisor.start()
    with pytest.raises(CrashLoop, match="ingest"):
        await supervisor.wait()

    assert output.of("ingest").count("no") == QUICK.crashes
    await supervisor.stop()


async def test_a_crash_loop_before_ready_is_reported_at_once() -> None:
    async def never() -> bool:
        return False

    supervisor = Supervisor([[python("ingest", "raise SystemExit(1)", ready=never)]], Output(), QUICK)

    with pytest.raises(CrashLoop, match="ingest"):
        await asyncio.wait_for(supervisor.start(), 5)

    await supervisor.stop()


async def test_the_next_level_starts_when_the_first_is_ready(tmp_path: Path) -> None:
    sign = tmp_path / "ready"

    async def ready() -> bool:
        return sign.exists()

    first = python("nats", f"import time; time.sleep(.3); open({str(sign)!r}, 'w'); time.sleep(60)", ready=ready)
    second = python("ingest", f"import os, time; print(os.path.exists({str(sign)!r})); time.sleep(60)")
    output = Output()
    supervisor = Supervisor([[first], [second]], output, QUICK)

    await supervisor.start()

    await eventually(lambda: output.of("ingest") == ["True"])
    await supervisor.stop()


async def test_a_task_runs_to_its_end_before_the_next_level() -> None:
    output = Output()
    task = python("topology", "import time; time.sleep(.2); print('in place')", once=True)
    supervisor = Supervisor([[task], [forever("ingest")]], output, QUICK)

    await supervisor.start()
    await eventually(lambda: bool(output.of("ingest")))

    assert output.lines[0] == ("topology", "in place")
    assert len(output.of("topology")) == 1
    await supervisor.stop()


async def test_a_task_that_fails_is_tried_again_and_then_given_up() -> None:
    output = Output()
    supervisor = Supervisor([[python("topology", "print('no'); raise SystemExit(3)", once=True)]], output, QUICK)

    with pytest.raises(CrashLoop, match="topology"):
        await supervisor.start()

    assert output.of("topology").count("no") == QUICK.crashes


async def test_a_program_that_does_not_become_ready_is_reported_with_the_reason() -> None:
    async def refuses() -> bool:
        raise ConnectionRefusedError("nobody listens")

    program = python("ingest", "import time; time.sleep(60)", ready=refuses, ready_within_s=0.2)
    supervisor = Supervisor([[program]], Output(), QUICK)

    with pytest.raises(NotReady, match="nobody listens"):
        await supervisor.start()

    await supervisor.stop()


async def test_one_failure_leaves_nothing_else_running() -> None:
    output = Output()
    bad = python("ingest", "raise SystemExit(1)")
    supervisor = Supervisor([[bad, forever("frames")]], output, QUICK)
    await supervisor.start()
    await eventually(lambda: bool(output.of("frames")))
    with pytest.raises(CrashLoop):
        await supervisor.wait()

    await supervisor.stop()

    await eventually(lambda: not any(is_alive(int(pid)) for pid in output.of("frames")))


async def test_a_program_that_ignores_sigterm_is_killed_with_its_children() -> None:
    output = Output()
    stubborn = """
        import os, signal, subprocess, sys, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]).pid)
        print(os.getpid())
        time.sleep(60)
    """
    supervisor = Supervisor([[python("frames", stubborn, stops_within_s=0.3)]], output, QUICK)
    await supervisor.start()
    await eventually(lambda: len(output.of("frames")) == 2)

    # The program itself sleeps for a minute.
    async with asyncio.timeout(30):
        await supervisor.stop()

    await eventually(lambda: not any(is_alive(int(pid)) for pid in output.of("frames")))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can signal a child when its parent dies")
async def test_nothing_outlives_a_killed_supervisor() -> None:
    parent = """
        import asyncio
        from deploy.local.child import Child, Program

        async def main():
            child = Child(Program("sleep", ["sleep", "60"]), print)
            await child.start()
            print(child.pid, flush=True)
            await asyncio.sleep(60)

        asyncio.run(main())
    """
    command = [sys.executable, "-c", textwrap.dedent(parent)]
    supervisor = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)  # noqa: ASYNC220 - must be a real parent
    assert supervisor.stdout is not None
    child = int(await asyncio.to_thread(supervisor.stdout.readline))
    assert is_alive(child)

    supervisor.kill()
    supervisor.wait()

    await eventually(lambda: not is_alive(child))


async def test_a_very_long_line_is_kept_whole() -> None:
    output = Output()
    child = Child(python("weed", "print('x' * 1_000_000); print('end', end='')"), output)

    await child.start()
    code = await child.wait()

    assert code == 0
    assert [len(line) for line in output.of("weed")] == [1_000_000, 3]
