"""The parent's side of a sandbox: one child process, its messages, and the blocks it reads through its parent."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from common.sandbox.worker import ANSWER, DONE, FAILED, MESSAGE, READ, LimitExceeded, Undecodable, Wire

READ_AHEAD = 2
_readers = ThreadPoolExecutor(max_workers=16, thread_name_prefix="sandbox-read")


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a child: CPU seconds, bytes of address space, and seconds that its parent waits for it. `nice` lowers
    its priority, from 0 to 19."""

    cpu_s: int = 600
    memory_bytes: int = 2 << 30
    wall_s: float = 1200.0
    nice: int = 5


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Message:
    """A value that the function yielded."""

    head: dict[str, Any]
    body: bytearray


class RangeFile(Protocol):
    """A file of the child. It is read by threads of the parent."""

    @property
    def size(self) -> int: ...

    def read_range(self, offset: int, length: int) -> bytes: ...


class Crashed(Exception):
    """The child ended unexpectedly or with an unknown error. A retry may help."""


class ChildProcess:
    """A running child process. Call `end` when done."""

    def __init__(
        self, target: str, arguments: Mapping[str, Any], files: Mapping[str, RangeFile], limits: Limits
    ) -> None:
        self.target, self.files, self.limits = target, files, limits
        self.waited_s = 0.0
        self.ahead: dict[tuple[str, int], Future[bytes]] = {}
        self.next_offset: dict[str, int] = {}
        parent_end, child_end = socket.socketpair()
        self.wire = Wire(parent_end)
        with child_end:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-c", _START, str(child_end.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=(child_end.fileno(),),
                env=_ENVIRONMENT,
                cwd="/",
            )
        self.last_lines: list[bytes] = []
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()
        job = {
            "target": target,
            "arguments": dict(arguments),
            "limits": asdict(limits),
            "parent": os.getpid(),
        }
        self._send(
            MESSAGE,
            job
            | {
                "path": [str(Path(folder).absolute()) for folder in sys.path],
                "files": {name: file.size for name, file in files.items()},
            },
        )

    def _send(self, kind: bytes, head: Any, body: bytes = b"") -> None:
        # A child that has already ended is detected when its next message is read.
        with contextlib.suppress(ConnectionError, TimeoutError):
            self.wire.send(kind, head, body)

    def _listen(self) -> None:
        """Keep the last lines on stderr, where libraries explain why a child died."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.last_lines = [*self.last_lines[-9:], line[:500]]

    def messages(self) -> Iterator[Message]:
        """The values that the function yields."""
        while True:
            kind, head, body = self._receive()
            if kind == MESSAGE:
                yield Message(head, body)
            elif kind == READ:
                self._answer_read(**head)
            elif kind == DONE:
                return
            elif kind == FAILED:
                raise Crashed(f"{self.target} failed: {head['error']}\n{head['traceback']}")
            else:
                raise (LimitExceeded if head["limit"] else Undecodable)(head["code"], **head["params"])

    def _receive(self) -> tuple[bytes, Any, bytearray]:
        started = time.monotonic()
        self.wire.connection.settimeout(max(0.01, self.limits.wall_s - self.waited_s))
        try:
            return self.wire.receive()
        except TimeoutError as error:
            raise LimitExceeded("time_limit_exceeded", limit_s=round(self.limits.wall_s)) from error
        except (EOFError, ConnectionError) as error:
            raise self._death() from error
        finally:
            self.waited_s += time.monotonic() - started

    def _death(self) -> Exception:
        try:
            code = self.process.wait(5)
        except subprocess.TimeoutExpired:
            return Crashed(f"{self.target} closed its connection and went on")
        self.listener.join(1)
        if code == -signal.SIGXCPU:
            return LimitExceeded("cpu_limit_exceeded", limit_s=self.limits.cpu_s)
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return Crashed(f"{self.target} died of {name}: {b''.join(self.last_lines).decode(errors='replace').strip()}")

    def _answer_read(self, file: str, offset: int, length: int) -> None:
        prefetched = self.ahead.pop((file, offset), None)
        if self.next_offset.get(file) == offset:
            self._read_ahead(file, offset + length, length)
        self.next_offset[file] = offset + length
        content = prefetched.result() if prefetched else self.files[file].read_range(offset, length)
        self._send(ANSWER, None, content)

    def _read_ahead(self, file: str, offset: int, length: int) -> None:
        """Prefetch the next blocks of a file that is read sequentially, and cancel stale ones."""
        wanted = [(file, offset + i * length) for i in range(READ_AHEAD) if offset + i * length < self.files[file].size]
        for stale in [key for key in self.ahead if key[0] == file and key not in wanted]:
            self.ahead.pop(stale).cancel()
        for key in wanted:
            if key not in self.ahead:
                size = min(length, self.files[file].size - key[1])
                self.ahead[key] = _readers.submit(self.files[file].read_range, key[1], size)

    def end(self) -> None:
        """Kill the child if it is still running."""
        self.process.kill()
        self.process.wait()
        self.wire.connection.close()
        for future in self.ahead.values():
            future.cancel()


@contextlib.contextmanager
def running_child(
    target: str, arguments: Mapping[str, Any], files: Mapping[str, RangeFile] | None, limits: Limits
) -> Iterator[ChildProcess]:
    """A child process that has ended when the context exits."""
    child = ChildProcess(target, arguments, files or {}, limits)
    try:
        yield child
    finally:
        child.end()


_START = "from common.sandbox.worker import main; main()"
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OPENCV_LOG_LEVEL": "SILENT",
}
