"""Functions that the tests of the sandbox run in a child."""

import ctypes
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from common.sandbox.worker import Undecodable, Yielded


def count(to: int, size: int) -> Iterator[Yielded]:
    for number in range(to):
        yield {"number": number}, bytes([number % 256]) * size


def read_all(source: BinaryIO, step: int) -> Iterator[Yielded]:
    while content := source.read(step):
        yield {}, content


def read_at(source: BinaryIO, ranges: list[list[int]]) -> Iterator[Yielded]:
    for offset, length in ranges:
        source.seek(offset)
        yield {"tell": source.tell()}, source.read(length)


def surroundings() -> dict[str, Any]:
    try:
        with socket.create_connection(("127.0.0.1", 9), 1):
            network = "connected"
    except ConnectionRefusedError:
        network = "reachable"
    except OSError:
        network = "none"
    try:
        Path("/tmp/written-by-a-sandbox").write_bytes(b"x" * 10)
        files = "writable"
    except OSError:
        files = "not writable"
    return {"environment": dict(os.environ), "network": network, "files": files, "pid": os.getpid()}


def refuse(clip: int) -> None:
    raise Undecodable("clip_not_decodable", clip=clip)


def fail() -> None:
    raise KeyError("a bug")


def crash() -> None:
    ctypes.string_at(0)


def spin() -> Iterator[Yielded]:
    yield {"pid": os.getpid()}
    while True:
        pass


def sleep() -> Iterator[Yielded]:
    yield {"pid": os.getpid()}
    time.sleep(3600)


def eat_memory() -> None:
    bytearray(16 << 30)
