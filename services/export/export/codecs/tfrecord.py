"""TFRecord files: records framed with checksums, and `tf.train.Example` in protobuf's wire format, both by hand."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from struct import pack

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint32]
_CASTAGNOLI = 0x82F63B78
# The length of a record, and its checksum.
HEAD_BYTES = 12
# So many bytes are checked one after the other, and all runs of that length at once.
_RUN = 64
_BYTES_AT_ONCE = 256 * 1024


def records(payloads: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes of a file with these records."""
    return map(_framed, together(payloads))


def together(payloads: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Contents whose checksums are computed at once: small ones, because all take as much room as the longest."""
    ahead: list[bytes] = []
    longest = 0
    for payload in payloads:
        longest = max(longest, len(payload))
        if ahead and (len(ahead) + 1) * longest > _BYTES_AT_ONCE:
            yield ahead
            ahead, longest = [], len(payload)
        ahead.append(payload)
    if ahead:
        yield ahead


def example(features: Iterable[tuple[str, bytes]]) -> bytes:
    """A `tf.train.Example` with these features by name."""
    return _field(1, b"".join(_field(1, _field(1, name.encode()) + _field(2, feature)) for name, feature in features))


def texts(values: Iterable[bytes]) -> bytes:
    """A feature that is a list of bytes."""
    return _field(1, b"".join(_field(1, value) for value in values))


def floats(values: NDArray[np.float64]) -> bytes:
    """A feature that is a list of floats, of 32 bits each."""
    return _field(2, _field(1, values.astype("<f4").tobytes()))


def integers(values: Iterable[int]) -> bytes:
    """A feature that is a list of whole numbers from 0."""
    return _field(3, _field(1, b"".join(map(_varint, values))))


def crc32c(contents: Sequence[bytes]) -> Words:
    """The CRC-32C (Castagnoli) of each content, which has four bytes at least.

    Without its start value, a checksum is linear: zeros before a content change nothing, and that of two halves is that
    of the first moved on by the length of the second, xor that of the second. So all runs of 64 bytes are
    computed at once and then joined in pairs. The start value, all ones, is the same as turning the first 32 bits.
    """
    runs = 1
    while runs * _RUN < max(map(len, contents)):
        runs *= 2
    rows = np.zeros((len(contents), runs * _RUN), np.uint8)
    for row, content in zip(rows, contents, strict=True):
        begin = len(row) - len(content)
        row[begin:] = np.frombuffer(content, np.uint8)
        row[begin : begin + 4] ^= 0xFF
    register = np.zeros(len(contents) * runs, np.uint32)
    for column in np.ascontiguousarray(rows.reshape(-1, _RUN).T):
        register = _step(register ^ column)
    joined, length = register.reshape(len(contents), runs), _RUN
    while joined.shape[1] > 1:
        joined, length = _moved(joined[:, ::2], length) ^ joined[:, 1::2], 2 * length
    return ~joined[:, 0]


def begins_records(beginning: bytes) -> bool:
    """Whether a file begins with the length of a record and its checksum."""
    return len(beginning) >= HEAD_BYTES and masked(crc32c([beginning[:8]]))[0] == beginning[8:HEAD_BYTES]


def _framed(payloads: Sequence[bytes]) -> bytes:
    lengths = [pack("<Q", len(payload)) for payload in payloads]
    checks = zip(masked(crc32c(lengths)), masked(crc32c(payloads)), strict=True)
    rows = zip(lengths, payloads, checks, strict=True)
    return b"".join(part for length, payload, (first, second) in rows for part in (length, first, payload, second))


def masked(checksums: Words) -> list[bytes]:
    """TFRecord turns a checksum by 15 bits and adds a constant: the checksum of data with checksums is a poor one."""
    turned = (checksums >> np.uint32(15)) | (checksums << np.uint32(17))
    return [pack("<I", (int(one) + 0xA282EAD8) & 0xFFFFFFFF) for one in turned]


@cache
def _table() -> Words:
    found = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        found = np.where(found & 1, (found >> 1) ^ np.uint32(_CASTAGNOLI), found >> 1)
    return found


def _step(register: Words) -> Words:
    """A register after one byte, which was xored into its lowest eight bits."""
    found: Words = _table()[register & 0xFF] ^ (register >> np.uint32(8))
    return found


@cache
def _moves(length: int) -> Words:
    """(4, 256) what each byte of a register becomes after `length` bytes of zeros."""
    found = np.arange(256, dtype=np.uint32) << (8 * np.arange(4, dtype=np.uint32))[:, None]
    if length > _RUN:
        return _moved(_moved(found, length // 2), length // 2)
    for _ in range(length):
        found = _step(found)
    return found


def _moved(register: Words, length: int) -> Words:
    moves = _moves(length)
    found: Words = moves[0][register & 0xFF]
    for at in (1, 2, 3):
        found = found ^ moves[at][(register >> np.uint32(8 * at)) & 0xFF]
    return found


def _field(number: int, content: bytes) -> bytes:
    """A field that has a length; all that Example needs is one."""
    return bytes((number << 3 | 2,)) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
