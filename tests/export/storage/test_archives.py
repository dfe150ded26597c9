"""Archives are stored all or nothing."""

import hashlib
from collections.abc import Iterator
from typing import cast

import pytest

from common.messaging.jobs import JobStopped, Lease
from common.storage.multipart import PART_BYTES
from common.storage.objects import Objects
from export.storage.archives import Archives
from tests.export.fakes import InMemoryObjects

CHUNK = b"0123456789abcdef" * 65536


def archives_in(objects: InMemoryObjects) -> Archives:
    return Archives(cast("Objects", objects))


def test_a_large_archive_is_sent_in_parts_of_8_mib_and_a_small_one_at_once() -> None:
    objects = InMemoryObjects()
    archives, content = archives_in(objects), CHUNK * 20

    large = archives.write("large", iter([CHUNK] * 20))
    archives.write("small", iter([b"tiny"]))

    assert objects.stored == {"large": content, "small": b"tiny"}
    assert large.size_bytes == len(content)
    assert large.sha256 == hashlib.sha256(content).hexdigest()
    assert list(objects.keys.values()) == ["large"]
    assert 8 * len(CHUNK) == PART_BYTES


def test_a_cancelled_or_failed_upload_leaves_nothing() -> None:
    objects, lease = InMemoryObjects(), Lease("job", "holder")
    archives = archives_in(objects)

    def cancelled() -> Iterator[bytes]:
        for number in range(40):
            if number == 30:
                lease.stopped.set()
            yield CHUNK

    def broken() -> Iterator[bytes]:
        yield from [CHUNK] * 20
        raise OSError("the source is gone")

    with pytest.raises(JobStopped):
        archives.write("a", cancelled(), lease.check)
    with pytest.raises(OSError, match="gone"):
        archives.write("b", broken())

    assert objects.stored == {}
    assert objects.uploads == {}


def test_clearing_deletes_unfinished_uploads() -> None:
    objects = InMemoryObjects({"a": b"old", "b": b"other"})
    objects.put_part("a", objects.begin_multipart("a", ""), 1, CHUNK)
    objects.begin_multipart("b", "")

    archives = archives_in(objects)

    archives.clear("a")
    archives.clear("a")

    assert objects.stored == {"b": b"other"}
    assert list(objects.uploads) == ["upload-1"]
