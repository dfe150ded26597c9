"""TFRecord files: records with checksums, and the features of `tf.train.Example` in protobuf's wire format."""

from collections.abc import Iterable, Iterator, Mapping
from struct import unpack_from
from typing import NamedTuple

import numpy as np

from export.codecs.tfrecord import HEAD_BYTES, begins_records, masked_checksum
from export.parsing.reasons import ReaderError

Values = list[bytes] | list[float] | list[int]
Features = Mapping[str, Values]
_VARINT, _FIXED_64, _LENGTH, _FIXED_32 = 0, 1, 2, 5
_BYTES, _FLOATS, _INTEGERS = 1, 2, 3
MOST_FEATURES = 10_000
_MASK_64 = (1 << 64) - 1


class Record(NamedTuple):
    """The content of a record, or its error."""

    payload: bytes
    error: ReaderError | None = None


def records(content: bytes) -> Iterator[Record]:
    """The records of a file, up to the first with an unreliable length."""
    offset = 0
    while offset + HEAD_BYTES <= len(content) and begins_records(content[offset : offset + HEAD_BYTES]):
        (length,) = unpack_from("<Q", content, offset)
        start, end = offset + HEAD_BYTES, offset + HEAD_BYTES + length
        if end + 4 > len(content):
            break
        payload = content[start:end]
        # A record of less than four bytes is too short for a meaningful checksum.
        is_valid = length < 4 or masked_checksum(payload) == content[end : end + 4]
        yield Record(payload) if is_valid else Record(b"", ReaderError("record_checksum_wrong"))
        offset = end + 4
    if offset < len(content):
        yield Record(b"", ReaderError("records_damaged", bytes=len(content) - offset))


def features(payload: bytes) -> Features:
    """The features of an example by name; the last of several with the same name counts.

    Raises:
        ValueError: the data does not follow the format.
    """
    by_name: dict[str, Values] = {}
    for entry in _messages(payload, (1, 1)):
        parts = {number: value for number, _, value in _fields(entry)}
        name, feature = parts.get(1, b""), parts.get(2, b"")
        if not isinstance(name, bytes) or not isinstance(feature, bytes) or len(by_name) >= MOST_FEATURES:
            raise ReaderError("record_invalid")
        by_name[name.decode(errors="replace")] = _values(feature)
    return by_name


def _messages(content: bytes, path: tuple[int, ...]) -> Iterator[bytes]:
    """Nested messages, by field numbers."""
    for number, _, value in _fields(content):
        if number == path[0] and isinstance(value, bytes):
            yield from [value] if len(path) == 1 else _messages(value, path[1:])


def _values(feature: bytes) -> Values:
    for kind, _, content in _fields(feature):
        if isinstance(content, bytes):
            if kind == _BYTES:
                return [value for number, _, value in _fields(content) if number == 1 and isinstance(value, bytes)]
            if kind == _FLOATS:
                return _floats(content)
            if kind == _INTEGERS:
                return [number for entry in _repeated(content) for number in _integers(entry)]
    return []


def _repeated(listed: bytes) -> Iterable[bytes | int]:
    return (value for number, _, value in _fields(listed) if number == 1)


def _floats(listed: bytes) -> list[float]:
    """32-bit floats, packed or one per field."""
    packed = b"".join(value for value in _repeated(listed) if isinstance(value, bytes))
    numbers: list[float] = np.frombuffer(packed, "<f4").astype(np.float64).tolist()
    return numbers


def _integers(raw: bytes | int) -> Iterator[int]:
    """64-bit integers, packed or single."""
    if isinstance(raw, int):
        yield _signed(raw)
        return
    offset = 0
    while offset < len(raw):
        value, offset = _varint(raw, offset)
        yield _signed(value)


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _fields(content: bytes) -> Iterator[tuple[int, int, bytes | int]]:
    """Number, wire type and value of every field."""
    offset = 0
    while offset < len(content):
        key, offset = _varint(content, offset)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, offset = _varint(content, offset)
            yield number, wire, value
            continue
        if wire == _LENGTH:
            length, offset = _varint(content, offset)
        else:
            length = {_FIXED_64: 8, _FIXED_32: 4}.get(wire, len(content) + 1)
        if length > len(content) - offset:
            raise ReaderError("record_invalid")
        yield number, wire, content[offset : offset + length]
        offset += length


def _varint(content: bytes, offset: int) -> tuple[int, int]:
    """A varint (seven bits a byte, lowest first) and the offset after it."""
    value = 0
    for shift in range(0, 70, 7):
        if offset >= len(content):
            raise ReaderError("record_invalid")
        byte = content[offset]
        value |= (byte & 0x7F) << shift
        offset += 1
        if byte < 0x80:
            return value & _MASK_64, offset
    raise ReaderError("record_invalid")
