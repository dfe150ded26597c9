"""Archives appear whole or not at all."""

import hashlib
from collections.abc import Iterator

import pytest

from common.messaging.jobs import JobStopped, Lease
from common.storage.multipart import PART_BYTES
from export.storage.archives import Archives
from tests.export.fakes import InMemoryObjects

CHUNK = b"0123456789abcdef" * 65536


def test_a_large_archive_goes_in_parts_of_8_mib_and_a_small_one_at_once() -> None:
    objects = InMemoryObjects()
    content = CHUNK * 20

    large = Archives(objects).write("large", iter([CHUNK] * 20))
    Archives(objects).write("small", iter([b"tiny"]))

    assert objects.stored == {"large": content, "small": b"tiny"}
    assert large.size_bytes == len(content)
    assert large.sha256 == hashlib.sha256(content).hexdigest()
    assert list(objects.keys.values()) == ["large"]
    assert 8 * len(CHUNK) == PART_BYTES


def test_cancelled_or_broken_leaves_nothing() -> None:
    objects, lease = InMemoryObjects(), Lease("job", "holder")

    def cancelled() -> Iterator[bytes]:
        for number in range(40):
            if number == 30:
                lease.stopped.set()
            yield CHUNK

    def broken() -> Iterator[bytes]:
        yield from [CHUNK] * 20
        raise OSError("the source is gone")

    with pytest.raises(JobStopped):
        Archives(objects).write("a", cancelled(), lease.check)
    with pytest.raises(OSError, match="gone"):
        Archives(objects).write("b", broken())

    assert objects.stored == {}
    assert objects.uploads == {}


def test_clearing_removes_what_a_killed_attempt_left() -> None:
    objects = InMemoryObjects({"a": b"old", "b": b"other"})
    objects.put_part("a", objects.begin_multipart("a", ""), 1, CHUNK)
    objects.begin_multipart("b", "")

    Archives(objects).clear("a")
    Archives(objects).clear("a")

    assert objects.stored == {"b": b"other"}
    assert list(objects.uploads) == ["upload-1"]
