"""A child process that ends with its parent, is read line by line, and can always be stopped."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class NotReady(Exception):
    """A program ended or did not become ready in time."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"{name} {what}")
        self.name = name


async def always_ready() -> bool:
    """The readiness probe of a program that is ready once it runs."""
    return True


@dataclass(frozen=True)
class Program:
    """A program to run, and its readiness probe."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], Awaitable[bool]] = always_ready
    # A busy machine starts ten programs at once.
    ready_within_s: float = 180
    once: bool = False  # runs to completion; ready when it has succeeded
    # Messages of a killed service are redelivered; only the servers need time to stop.
    stops_within_s: float = 3


class Child:
    """A running program; its output goes line by line to `write(name, line)`."""

    def __init__(self, program: Program, write: Callable[[str, str], None]) -> None:
        self.program = program
        self._write = write
        self._process: asyncio.subprocess.Process | None = None
        self._pump: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        assert self._process is not None, "the child was never started"
        return self._process.pid

    async def start(self) -> None:
        """Start it in a separate session, so that Ctrl-C in the terminal reaches only the supervisor."""
        assert not self.is_running, f"{self.program.name} runs already"
        self._process = await asyncio.create_subprocess_exec(
            *self.program.command,
            env={**os.environ, **self.program.environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent(os.getpid()),
        )
        self._pump = asyncio.create_task(self._copy_lines())

    async def until_ready(self, may_succeed: Callable[[], bool] | None = None) -> None:
        """Wait until its probe succeeds, as long as `may_succeed()` (by default, while it runs). Errors of the probe
        are retried.

        Raises:
            NotReady: the probe did not succeed within `ready_within_s`.
        """
        may_succeed = may_succeed or (lambda: self.is_running)
        program, reason = self.program, "its probe fails"
        deadline = time.monotonic() + program.ready_within_s
        while time.monotonic() < deadline:
            if not may_succeed():
                raise NotReady(program.name, "ended before it was ready")
            try:
                if await program.ready():
                    return
            except Exception as error:  # noqa: BLE001 - each client raises its own errors for "not yet"
                reason = f"{type(error).__name__}: {error}"
            await asyncio.sleep(0.05)
        raise NotReady(program.name, f"was not ready within {program.ready_within_s:.0f} s: {reason}")

    async def wait(self) -> int:
        """Its exit code, once it has ended and its last line is written."""
        assert self._process is not None, "the child was never started"
        assert self._pump is not None, "the child was never started"
        code = await self._process.wait()
        # A grandchild may still hold the pipe open; the child's own last lines are there by now.
        await asyncio.wait([self._pump], timeout=1)
        self._pump.cancel()
        return code

    async def stop(self) -> None:
        """Terminate it, or kill it after `stops_within_s`, with all processes of its session."""
        if self._process is None:
            return
        if self.is_running:
            # Only the program itself: it ends its own children in its own order.
            self._process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), self.program.stops_within_s)
        await self.kill()

    async def kill(self) -> None:
        """Kill it and all processes it started, like a power failure."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        await self.wait()
        self._process = None  # its pid may be reused from here on

    async def _copy_lines(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in lines_of(self._process.stdout):
            self._write(self.program.name, line)


async def lines_of(stream: asyncio.StreamReader) -> AsyncIterator[str]:
    """The lines of a stream, of any length (`readline` fails at 64 KiB)."""
    rest = b""
    while chunk := await stream.read(65_536):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line.decode(errors="replace")
    if rest:
        yield rest.decode(errors="replace")


def end_with_parent(number: signal.Signals) -> None:
    """Have the kernel signal this process when its parent ends in any way. Linux only."""
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, number)


def _die_with_parent(parent: int) -> Callable[[], None]:
    """Run in a new child before anything else: end with the parent."""

    def arm() -> None:
        end_with_parent(signal.SIGKILL)
        if os.getppid() != parent:  # the parent ended before the line above
            os._exit(1)

    return arm
