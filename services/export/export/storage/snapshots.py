"""Snapshots of labels in S3 as streams of lines, for threads."""

from collections.abc import Iterator

from common.storage.objects import Objects
from export.codecs.snapshot import lines, unpacked

_CHUNK = 512 * 1024


def read_snapshot(objects: Objects, key: str, size_bytes: int) -> Iterator[bytes]:
    """The lines of a snapshot from its beginning."""
    offsets = range(0, size_bytes, _CHUNK)
    return lines(unpacked(objects.read_range(key, at, min(_CHUNK, size_bytes - at)) for at in offsets))
