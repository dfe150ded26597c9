"""A snapshot of labels as a stream: gzip-packed NDJSON, one object a line, ordered by medium."""

import zlib
from collections.abc import Iterable, Iterator

_PIECE = 256 * 1024


def unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The unpacked bytes in pieces of bounded size, however far the packed ones expand.

    Raises:
        ValueError: the stream is incomplete.
    """
    unpacker = _unpacker()
    complete = True
    for chunk in chunks:
        rest = chunk
        while rest:
            yield unpacker.decompress(rest, _PIECE)
            complete = unpacker.eof
            rest = unpacker.unused_data if complete else unpacker.unconsumed_tail
            if complete and rest:
                unpacker = _unpacker()
    # The rest inside zlib after all of its input.
    while not complete and (piece := unpacker.decompress(b"", _PIECE)):
        yield piece
        complete = unpacker.eof
    if not complete:
        raise ValueError("The snapshot breaks off before its end")


def _unpacker() -> "zlib._Decompress":
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)


def lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a stream, without their ends."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line for line in whole if line)
    if rest:
        yield rest
