"""TFRecord files: records framed with checksums, and `tf.train.Example` in protobuf's wire format."""

from collections.abc import Iterable, Iterator
from struct import pack

import google_crc32c
import numpy as np
from numpy.typing import NDArray

# The length of a record, and its checksum.
HEAD_BYTES = 12


def records(payloads: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes of a file with these records."""
    return map(_framed, payloads)


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


def masked_checksum(content: bytes) -> bytes:
    """The four bytes of TFRecord's checksum: the CRC-32C, rotated by 15 bits, plus a constant. The CRC-32C itself would
    be a poor check of data that includes checksums."""
    checksum = google_crc32c.value(content)
    turned = (checksum >> 15 | checksum << 17) & 0xFFFFFFFF
    return pack("<I", (turned + 0xA282EAD8) & 0xFFFFFFFF)


def begins_records(beginning: bytes) -> bool:
    """Whether a file begins with the length of a record and its checksum."""
    return len(beginning) >= HEAD_BYTES and masked_checksum(beginning[:8]) == beginning[8:HEAD_BYTES]


def _framed(payload: bytes) -> bytes:
    length = pack("<Q", len(payload))
    return b"".join((length, masked_checksum(length), payload, masked_checksum(payload)))


def _field(number: int, content: bytes) -> bytes:
    """A length-delimited field, the only kind that Example needs."""
    return bytes((number << 3 | 2,)) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
