"""Zips: streamed, readable, and equal for equal content."""

import io
import zipfile
import zlib
from collections.abc import Iterator

from export.codecs.zip import Entry, zipped


def entries() -> list[Entry]:
    return [
        Entry.of("夜/a.txt", b"hello"),
        Entry("large.json", iter((b"[", b"1," * 50_000, b"1]"))),
        Entry("p.jpg", iter((b"\xff\xd8", b"\xff")), 3, packed=True),
    ]


def test_an_archive_holds_its_entries_and_is_the_same_each_time() -> None:
    first, second = (b"".join(zipped(entries())) for _ in range(2))

    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == ["夜/a.txt", "large.json", "p.jpg"]
        assert opened.read("p.jpg") == b"\xff\xd8\xff"
        assert {entry.date_time for entry in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert opened.getinfo("large.json").compress_size < 2000


def test_an_archive_without_entries_is_a_zip() -> None:
    with zipfile.ZipFile(io.BytesIO(b"".join(zipped([])))) as opened:
        assert opened.namelist() == []


def test_entries_are_created_on_demand() -> None:
    created: list[str] = []

    def lazy() -> Iterator[Entry]:
        for name in ("a", "b"):
            created.append(name)
            yield Entry.of(name, zlib.compress(bytes(range(256)) * 4000)[:300_000])

    stream = iter(zipped(lazy()))
    next(stream)

    assert created[0] == "a"
