"""The public TFRecord reader reads `default.tfrecord`; another library verifies its checksums."""

import base64
import json
import struct
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from crc32c import crc32c
from tfrecord.reader import tfrecord_loader


def has_valid_checksums(content: bytes) -> bool:
    """Whether all records have the checksums that TensorFlow requires."""
    at, is_valid = 0, True
    while at < len(content):
        (length,) = struct.unpack_from("<Q", content, at)
        data = content[at + 12 : at + 12 + length]
        checks = struct.unpack_from("<I", content, at + 8)[0], struct.unpack_from("<I", content, at + 12 + length)[0]
        is_valid = is_valid and checks == (masked(content[at : at + 8]), masked(data))
        at += 16 + length
    return is_valid and at == len(content)


def masked(data: bytes) -> int:
    """TensorFlow's masked checksum."""
    checksum: int = crc32c(data)
    return ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF


def pixel_count(png: bytes) -> int:
    """The number of pixels in a mask of 0 and 1."""
    mask = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    assert mask is not None
    return int(mask.sum())


def plain(name: str, value: Any) -> Any:
    """A feature as JSON."""
    if name == "image/object/mask":
        masks = [value] if isinstance(value, bytes) else value.tolist()
        return [pixel_count(mask) if mask else 0 for mask in masks]
    if name == "image/encoded":
        return base64.b64encode(value).decode()
    if isinstance(value, bytes):
        return value.decode()
    return [item.decode() if isinstance(item, bytes) else item for item in value.tolist()]


path = Path(sys.argv[1]) / "default.tfrecord"
read = tfrecord_loader(str(path), None)
rows = [{name: plain(name, value) for name, value in row.items()} for row in read]
print(json.dumps({"valid": has_valid_checksums(path.read_bytes()), "rows": rows}))
