"""Snapshots are read as streams, from chunks of any size."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from export.codecs.snapshot import lines, unpacked


def cut(content: bytes, size: int) -> list[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)]


@given(st.lists(st.text(alphabet="abc{}", min_size=1)), st.integers(1, 50), st.booleans())
def test_lines_are_read_from_chunks_of_any_size(texts: list[str], size: int, in_two_members: bool) -> None:
    written = ["".join(text) + "\n" for text in texts]
    half = len(written) // 2 if in_two_members else 0
    packed = gzip.compress("".join(written[:half]).encode()) + gzip.compress("".join(written[half:]).encode())

    assert [line.decode() + "\n" for line in lines(unpacked(cut(packed, size)))] == written


def test_a_snapshot_that_expands_a_thousandfold_is_unpacked_in_pieces() -> None:
    packed = gzip.compress(b"x" * 50_000_000)

    pieces = [len(piece) for piece in unpacked([packed])]

    assert sum(pieces) == 50_000_000
    assert max(pieces) <= 256 * 1024


def test_an_incomplete_snapshot_is_an_error() -> None:
    packed = gzip.compress(b"some labels\n" * 1000)

    with pytest.raises(ValueError, match="breaks off"):
        list(unpacked([packed[:-20]]))
