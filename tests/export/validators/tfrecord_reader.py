"""The public reader of TFRecord files reads `default.tfrecord`; another library checks its checksums."""

import base64
import json
import struct
import sys
from pathlib import Path

import cv2
import numpy as np
from crc32c import crc32c
from tfrecord.reader import tfrecord_loader


def is_sound(content: bytes) -> bool:
    """Whether all records have the checksums that TensorFlow asks for."""
    at, sound = 0, True
    while at < len(content):
        (length,) = struct.unpack_from("<Q", content, at)
        data = content[at + 12 : at + 12 + length]
        checks = struct.unpack_from("<I", content, at + 8)[0], struct.unpack_from("<I", content, at + 12 + length)[0]
        sound = sound and checks == (masked(content[at : at + 8]), masked(data))
        at += 16 + length
    return sound and at == len(content)


def masked(data: bytes) -> int:
    """TensorFlow's checksum."""
    found = crc32c(data)
    return ((found >> 15 | found << 17) + 0xA282EAD8) & 0xFFFFFFFF


def plain(name: str, value) -> object:
    """A feature as JSON."""
    if name == "image/object/mask":
        pictures = [value] if isinstance(value, bytes) else value.tolist()
        return [int(cv2.imdecode(np.frombuffer(one, np.uint8), -1).sum()) if one else 0 for one in pictures]
    if name == "image/encoded":
        return base64.b64encode(value).decode()
    if isinstance(value, bytes):
        return value.decode()
    return [one.decode() if isinstance(one, bytes) else one for one in value.tolist()]


path = Path(sys.argv[1]) / "default.tfrecord"
read = tfrecord_loader(str(path), None)
rows = [{name: plain(name, value) for name, value in row.items()} for row in read]
print(json.dumps({"sound": is_sound(path.read_bytes()), "rows": rows}))
