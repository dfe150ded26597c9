"""Harmful archives are refused as a whole, with a reason, before any file is read."""

import io
import stat
import struct
import zipfile

import pytest

from common.sandbox.worker import Undecodable
from export.parsing import archive_reader
from tests.export.parsing.made_archives import opened, packed


def refusal(content: bytes, name: str = "labels.zip") -> str:
    with pytest.raises(Undecodable) as refused:
        opened(content, name)
    return refused.value.code


def special(name: str, mode: int) -> bytes:
    made = io.BytesIO()
    member = zipfile.ZipInfo(name)
    member.external_attr = mode << 16
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(member, "/etc/passwd")
    return made.getvalue()


def test_files_are_read_by_name_with_slashes() -> None:
    found = opened(packed({"a\\b.json": b"\xef\xbb\xbf{}", "./c/d.XML": b"<a/>", "__MACOSX/x.json": b"?"}))

    assert list(found.names) == ["a/b.json", "c/d.XML"]
    assert (found.read("a/b.json"), found.head("c/d.XML")) == (b"{}", b"<a/>")
    assert found.names_ending(".xml") == ["c/d.XML"]


@pytest.mark.parametrize("content", [b'{"a": 1}', b"  [1]", b"\xef\xbb\xbf{}", b"<?xml version='1.0'?><a/>", b"1,2\n"])
def test_a_single_file_is_an_archive_of_one(content: bytes) -> None:
    found = opened(content, "folder/one.json")

    assert list(found.names) == ["one.json"]
    assert found.read("one.json") == content.removeprefix(b"\xef\xbb\xbf")


@pytest.mark.parametrize("name", ["/etc/passwd", "../up.json", "a/../../up", "C:\\x.json", "\\\\host\\x", "a\nb.json"])
def test_unsafe_paths_are_refused(name: str) -> None:
    assert refusal(packed({name: b"{}"})) == "archive_unsafe_path"


@pytest.mark.parametrize("mode", [stat.S_IFLNK | 0o777, stat.S_IFCHR | 0o600, stat.S_IFIFO | 0o600])
def test_links_and_devices_are_refused(mode: int) -> None:
    assert refusal(special("labels.json", mode)) == "archive_special_file"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_duplicate_names_are_refused() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a/b.json", "1")
        archive.writestr("a\\b.json", "2")

    assert refusal(made.getvalue()) == "archive_duplicate_file"


def test_a_zip_bomb_is_refused() -> None:
    assert refusal(packed({"bomb.json": b"0" * (17 << 20)})) == "archive_compression_ratio"


def test_a_repetitive_label_file_is_accepted() -> None:
    row = b'{"frame": %d, "key": false, "source": "interpolated", "bbox": [10.0, 20.0, 30.0, 60.0]},'
    content = b"".join(row % number for number in range(220_000))

    assert len(opened(packed({"a.json": content})).read("a.json")) == len(content)


def test_a_wrong_size_is_found_when_the_file_is_read() -> None:
    content = bytearray(packed({"a.json": b"0" * 5000}))
    central = content.index(b"PK\x01\x02")
    struct.pack_into("<I", content, central + 24, 100)

    with pytest.raises(Undecodable, match=r"damaged at a\.json"):
        opened(bytes(content)).read("a.json")


def test_an_encrypted_archive_is_refused() -> None:
    content = bytearray(packed({"a.json": b"{}"}))
    struct.pack_into("<H", content, content.index(b"PK\x01\x02") + 8, 1)

    assert refusal(bytes(content)) == "archive_encrypted"


def test_other_compression_methods_are_refused() -> None:
    assert refusal(packed({"a.json": b"{}"}, zipfile.ZIP_LZMA)) == "archive_compression_unsupported"


def test_files_that_overlap_are_refused() -> None:
    content = bytearray(packed({"a.json": b"x" * 400, "b.json": b"y" * 400}, zipfile.ZIP_STORED))
    second = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 1)
    struct.pack_into("<I", content, second + 42, 0)

    assert refusal(bytes(content)) == "archive_files_overlap"


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_archive_is_refused(part: float) -> None:
    content = packed({f"{number}.json": bytes(range(256)) * 20 for number in range(5)}, zipfile.ZIP_STORED)

    assert refusal(content[: int(len(content) * part)]) == "archive_damaged"


def test_a_flipped_bit_is_found() -> None:
    content = bytearray(packed({"a.json": b'{"a": 1}' * 100}, zipfile.ZIP_STORED))
    content[100] ^= 1

    with pytest.raises(Undecodable, match=r"damaged at a\.json"):
        opened(bytes(content)).read("a.json")


def test_too_many_and_too_large_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_reader, "MOST_FILES", 2)
    assert refusal(packed({f"{n}.json": b"" for n in range(3)})) == "archive_too_many_files"
    monkeypatch.setattr(archive_reader, "LARGEST_FILE", 1 << 20)
    assert refusal(packed({"a.json": bytes(range(256)) * 8000})) == "archive_file_too_large"
    assert refusal(b"[" + b"1," * (1 << 20), "a.json") == "archive_file_too_large"


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"Rar!\x1a\x07", b"\x1f\x8b\x08"])
def test_other_files_are_refused(content: bytes) -> None:
    assert refusal(content) == "archive_not_supported"
