"""The part of H.264 (ISO/IEC 14496-10 and -15) that copying samples without decoding needs."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SLICE, IDR, SEI, SPS, PPS, DELIMITER = 1, 5, 6, 7, 8, 9
_HIGH_PROFILES = {100, 110, 122, 244, 44, 83, 86, 118, 128, 134, 135, 138, 139}
_EXTENDED_AVCC = {100, 110, 122, 144}


class NotAvc(ValueError):
    """The bytes are no H.264 decoder configuration or sample."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """An avcC record: the decoder configuration."""

    record: bytes

    @property
    def description(self) -> str:
        """The record in base64, as `ClipIndex` carries it."""
        return base64.b64encode(self.record).decode()

    @property
    def codec(self) -> str:
        """The codec string of RFC 6381, for instance `avc1.640028`."""
        return f"avc1.{self.record[1:4].hex()}"

    @property
    def length_size(self) -> int:
        """Bytes of a NAL unit's length field."""
        return (self.record[4] & 3) + 1

    @property
    def is_progressive(self) -> bool:
        """Whether every picture is a frame, so that one sample is one picture."""
        return all(_frames_only(sps) for sps in self._parameter_sets())

    def _parameter_sets(self) -> Iterator[bytes]:
        at = 6
        for _ in range(self.record[5] & 31):
            size = int.from_bytes(self.record[at : at + 2], "big")
            yield self.record[at + 2 : at + 2 + size]
            at += 2 + size


def configuration(extradata: bytes | None) -> Configuration:
    """The avcC record of a container. Raises NotAvc."""
    if not extradata or len(extradata) < 12 or extradata[0] != 1 or not extradata[5] & 31:
        raise NotAvc("no avcC record")
    return Configuration(bytes(extradata))


def configuration_of(sps: bytes, pps: bytes) -> Configuration:
    """An avcC record for one sequence and one picture parameter set, with lengths of 4 bytes."""
    record = b"\x01" + sps[1:4] + b"\xff\xe1" + len(sps).to_bytes(2, "big") + sps
    record += b"\x01" + len(pps).to_bytes(2, "big") + pps
    if sps[1] in _EXTENDED_AVCC:
        record += b"\xfd\xf8\xf8\x00"  # 4:2:0, 8 bits, no extension sets
    return Configuration(record)


def unit_types(sample: bytes, length_size: int) -> Iterator[int]:
    """The types of a length-prefixed sample's NAL units. Raises NotAvc if the lengths do not fit the sample."""
    at = 0
    while at < len(sample):
        start = at + length_size
        at = start + int.from_bytes(sample[at:start], "big")
        if start >= len(sample) or at > len(sample) or at == start:
            raise NotAvc("a NAL unit does not fit its sample")
        yield sample[start] & 31


def units_of_stream(stream: bytes) -> Iterator[bytes]:
    """The NAL units of a byte stream (Annex B: divided by start codes)."""
    start = stream.find(b"\0\0\1")
    while start >= 0:
        end = stream.find(b"\0\0\1", start + 3)
        yield stream[start + 3 : end if end >= 0 else len(stream)].rstrip(b"\0")
        start = end


def sample_of(units: Sequence[bytes]) -> bytes:
    """Slices as one length-prefixed sample, without parameter sets and supplemental information."""
    kept = [unit for unit in units if unit[0] & 31 not in (SEI, SPS, PPS, DELIMITER)]
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in kept)


class _Bits:
    """A bit reader over a NAL unit without its emulation prevention bytes."""

    def __init__(self, unit: bytes) -> None:
        payload = unit.replace(b"\0\0\3", b"\0\0")
        self._bits = int.from_bytes(payload, "big")
        self._left = 8 * len(payload)

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise NotAvc("a parameter set ends early")
        return self._bits >> self._left & (1 << count) - 1

    def exp_golomb(self) -> int:
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)


def _frames_only(sps: bytes) -> bool:
    """`frame_mbs_only_flag` of a sequence parameter set (ISO/IEC 14496-10, 7.3.2.1.1)."""
    bits = _Bits(sps)
    bits.take(8)
    profile = bits.take(8)
    bits.take(16)
    bits.exp_golomb()
    if profile in _HIGH_PROFILES:
        _skip_chroma(bits)
    bits.exp_golomb()
    _skip_picture_order(bits)
    bits.exp_golomb()
    bits.take(1)
    bits.exp_golomb()
    bits.exp_golomb()
    return bits.take(1) == 1


def _skip_chroma(bits: _Bits) -> None:
    chroma_format = bits.exp_golomb()
    if chroma_format == 3:
        bits.take(1)
    bits.exp_golomb()
    bits.exp_golomb()
    bits.take(1)
    if bits.take(1):
        for matrix in range(12 if chroma_format == 3 else 8):
            if bits.take(1):
                _skip_scaling_list(bits, 16 if matrix < 6 else 64)


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            code = bits.exp_golomb()
            following = (last + (code + 1) // 2 * (1 if code % 2 else -1)) % 256
        last = following or last


def _skip_picture_order(bits: _Bits) -> None:
    kind = bits.exp_golomb()
    if kind == 0:
        bits.exp_golomb()
    elif kind == 1:
        bits.take(1)
        bits.exp_golomb()
        bits.exp_golomb()
        for _ in range(bits.exp_golomb()):
            bits.exp_golomb()
