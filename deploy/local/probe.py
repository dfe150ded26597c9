"""Cheap readiness probes: many run while the machine is busy starting."""

import asyncio


class NotServing(Exception):
    """A port responded with a status other than 200."""


async def serves(port: int, path: str) -> bool:
    """Whether a GET returns 200.

    Raises:
        NotServing: it gives something else.
        OSError: no server listens, or it does not answer in time.
    """
    # An HTTP client would load a TLS context for each probe, which takes 30 ms of CPU.
    async with asyncio.timeout(3):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())
            answer = await reader.read()
        finally:
            writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise NotServing(body[:200].decode(errors="replace"))
    return True


async def listens(port: int) -> bool:
    """Whether a server accepts connections.

    Raises:
        OSError: none does.
    """
    async with asyncio.timeout(3):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    return True
