"""The child's side of a sandbox: runs one function on untrusted bytes.

Started by `process.py`. Imports are minimal, because the start-up time counts for every clip and every image. Before it
reads any input, the child drops what it does not need: CPU time, memory, files, network, credentials.
"""

import contextlib
import ctypes
import errno
import importlib
import io
import json
import os
import resource
import signal
import socket
import struct
import sys
import traceback
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from common.contract.errors import Reason

# The header of each message: kind, length of JSON, length of body.
HEADER = struct.Struct("<cIQ")
MESSAGE, READ, REFUSED, FAILED, DONE, ANSWER = b"M", b"R", b"X", b"F", b"D", b"A"
BLOCK = 1024 * 1024
BLOCKS_KEPT = 24
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


class Undecodable(Exception):
    """The input is invalid, with a code of the error catalogue and its parameters."""

    def __init__(self, code: str, /, **params: str | int | float) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        return self.reason.message

    @property
    def reason(self) -> "Reason":
        """The error as a value."""
        # Only children that fail pay for this import.
        from common.contract.errors import reason_for  # noqa: PLC0415

        return reason_for(self.code, **self.params)


class LimitExceeded(Undecodable):
    """The input needs more time or memory than allowed."""


Buffer = bytes | bytearray | memoryview
Yielded = dict[str, Any] | tuple[dict[str, Any], Buffer]


class Wire:
    """Length-prefixed messages over a socket."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

    def send(self, kind: bytes, head: Any = None, body: Buffer = b"") -> None:
        """Send one message."""
        encoded = json.dumps(head, separators=(",", ":")).encode()
        view = memoryview(body).cast("B")
        self.connection.sendall(HEADER.pack(kind, len(encoded), len(view)) + encoded)
        if view:
            self.connection.sendall(view)

    def receive(self) -> tuple[bytes, Any, bytearray]:
        """The next message. Raises EOFError when the peer has closed the connection."""
        kind, head_size, body_size = HEADER.unpack(self._exactly(HEADER.size))
        head = json.loads(self._exactly(head_size))
        return kind, head, self._exactly(body_size)

    def _exactly(self, size: int) -> bytearray:
        received = bytearray(size)
        view = memoryview(received)
        while view:
            count = self.connection.recv_into(view)
            if not count:
                raise EOFError
            view = view[count:]
        return received


class RemoteFile(io.RawIOBase):
    """A file that is read through the parent, with a small cache of blocks."""

    def __init__(self, wire: Wire, name: str, size: int) -> None:
        self._wire = wire
        self.name = name
        self.size = size
        self._position = 0
        self._blocks: OrderedDict[int, bytearray] = OrderedDict()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise OSError(errno.EINVAL, "a position before the start")
        self._position = base + offset
        return self._position

    def read(self, size: int = -1) -> bytes:
        end = self.size if size < 0 else min(self.size, self._position + size)
        parts = []
        while self._position < end:
            block, offset = divmod(self._position, BLOCK)
            part = memoryview(self._block(block))[offset : offset + end - self._position]
            parts.append(part)
            self._position += len(part)
        return bytes(parts[0]) if len(parts) == 1 else b"".join(parts)

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        content = self.read(len(view))
        view[: len(content)] = content
        return len(content)

    def _block(self, number: int) -> bytearray:
        block = self._blocks.get(number)
        if block is None:
            block = self._fetch(number)
            self._blocks[number] = block
            if len(self._blocks) > BLOCKS_KEPT:
                self._blocks.popitem(last=False)
        else:
            self._blocks.move_to_end(number)
        return block

    def _fetch(self, number: int) -> bytearray:
        offset = number * BLOCK
        length = min(BLOCK, self.size - offset)
        self._wire.send(READ, {"file": self.name, "offset": offset, "length": length})
        _, __, content = self._wire.receive()
        if len(content) != length:
            raise OSError(errno.EIO, f"{self.name} is shorter than its declared size")
        return content


def main() -> None:
    """Run the function named by the parent under the given limits."""
    wire = Wire(socket.socket(fileno=int(sys.argv[1])))
    _, job, __ = wire.receive()
    _die_with(job["parent"])
    sys.path += [folder for folder in job["path"] if folder not in sys.path]
    try:
        module, _, name = job["target"].partition(":")
        function = getattr(importlib.import_module(module), name)
        _confine(job["limits"])
        files = {name: RemoteFile(wire, name, size) for name, size in job["files"].items()}
        for head, body in _messages(function(**job["arguments"], **files)):
            wire.send(MESSAGE, head, body)
        wire.send(DONE)
    except Undecodable as error:
        wire.send(REFUSED, _refusal(error))
    except Exception as error:  # noqa: BLE001  the parent raises it again
        wire.send(*_failure(error, job["limits"]))
    # Destructors of decoders have nothing to save, and malicious input may crash or stall them.
    sys.stderr.flush()
    os._exit(0)


def _failure(error: Exception, limits: dict[str, int]) -> tuple[bytes, dict[str, Any]]:
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return REFUSED, _refusal(LimitExceeded("memory_limit_exceeded", limit_mb=limits["memory_bytes"] >> 20))
    return FAILED, {"error": repr(error)[:2000], "traceback": traceback.format_exc()[-4000:]}


def _refusal(error: Undecodable) -> dict[str, Any]:
    return {"code": error.code, "params": error.params, "limit": isinstance(error, LimitExceeded)}


def _messages(result: Iterable[Yielded] | Yielded | None) -> Iterator[tuple[dict[str, Any], Buffer]]:
    if result is None:
        return
    for yielded in [result] if isinstance(result, dict | tuple) else result:
        yield yielded if isinstance(yielded, tuple) else (yielded, b"")


def _die_with(parent: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _confine(limits: dict[str, int]) -> None:
    """Drop privileges and set limits. Namespaces are only used if the kernel grants them to all users."""
    libc = ctypes.CDLL(None, use_errno=True)
    # In a separate user namespace, the child cannot read its parent's environment either.
    libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = limits["cpu_s"] + int(used.ru_utime + used.ru_stime) + 1
    # The kernel kills a process that ignores the signal of the soft limit one second later.
    for kind, soft, hard in (
        (resource.RLIMIT_CPU, cpu_s, cpu_s + 1),
        (resource.RLIMIT_AS, limits["memory_bytes"], limits["memory_bytes"]),
        (resource.RLIMIT_NOFILE, 64, 64),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        with contextlib.suppress(ValueError):  # a lower hard limit is kept
            resource.setrlimit(kind, (soft, hard))
    os.nice(limits["nice"])
