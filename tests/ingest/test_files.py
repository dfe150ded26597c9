"""Names, parts and contents of files: tables of tiny values."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.domain.content import UnsupportedFile, claimed_kind, sniff
from ingest.domain.names import numbered, sanitized
from ingest.domain.parts import MEBIBYTE, enumeration, missing_parts, part_count, part_length, part_size
from ingest.media.documents import clips_of
from tests.media import huge_jpeg, huge_png, write_image, write_video


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("a.mp4", "a.mp4"),
        ("C:\\films\\a.mp4", "a.mp4"),
        ("../../etc/a.mp4", "a.mp4"),
        ("  two   words .mp4 ", "two words .mp4"),
        ("a\x00b\x1f\u202ec.mp4", "abc.mp4"),
        ("映像.mov", "映像.mov"),
        ("cafe\u0301.jpg", "café.jpg"),
        ("x" * 300 + ".jpeg", "x" * 195 + ".jpeg"),
        ("..", ""),
    ],
)
def test_a_name_is_sanitized(given_name: str, name: str) -> None:
    assert sanitized(given_name) == name


@given(st.text(max_size=400))
def test_a_sanitized_name_is_short_and_printable(name: str) -> None:
    cleaned = sanitized(name)

    assert len(cleaned) <= 200
    assert "/" not in cleaned
    assert cleaned.isprintable()


def test_a_second_file_is_numbered_before_its_extension() -> None:
    assert numbered("drive.tar.mp4", 2) == "drive.tar (2).mp4"


@given(st.integers(1, 10**13), st.sampled_from([5 * MEBIBYTE, 8 * MEBIBYTE]))
def test_parts_add_up(size: int, minimum: int) -> None:
    part = part_size(size, minimum)
    count = part_count(size, part)
    last = part_length(count, size, part)

    assert count <= 10_000
    assert part >= minimum
    assert last is not None
    assert (count - 1) * part + last == size
    assert 0 < last <= part
    assert part_length(0, size, part) is part_length(count + 1, size, part) is None


def test_absent_and_incomplete_parts_are_missing() -> None:
    assert missing_parts({1: 10, 2: 9, 4: 3}, size_bytes=33, part_size_bytes=10) == [2, 3]
    assert enumeration([2, 3]) == "2, 3"
    assert enumeration(list(range(1, 10))) == "1, 2, 3, 4, 5, …"


def sniffed(content: bytes, name: str, max_pixels: int = 200_000_000) -> tuple[str, int | None, int | None]:
    found = sniff(lambda offset, length: content[offset : offset + length], name, max_pixels)
    return found.content_type, found.width, found.height


@pytest.mark.parametrize(
    ("name", "content_type", "how"),
    [
        ("a.mp4", "video/mp4", {}),
        ("a.mov", "video/quicktime", {}),
        ("a.avi", "video/x-msvideo", {"codec": "mpeg4"}),
        ("a.wmv", "video/x-ms-wmv", {"codec": "wmv2"}),
    ],
)
def test_videos_are_detected_by_their_first_bytes(
    tmp_path: Path, name: str, content_type: str, how: dict[str, str]
) -> None:
    content = write_video(tmp_path / name, 3, **how).read_bytes()  # type: ignore[arg-type]

    assert sniffed(content, name) == (content_type, None, None)
    with pytest.raises(UnsupportedFile, match=r"is not a valid JPEG file\. It contains"):
        sniffed(content, "a.jpg")


@pytest.mark.parametrize("name", ["a.jpg", "a.jpeg", "a.png"])
def test_the_image_size_is_read_without_decoding(tmp_path: Path, name: str) -> None:
    path = write_image(tmp_path / name, size=(320, 240), orientation=6 if name == "a.jpg" else 1)

    assert sniffed(path.read_bytes(), name)[1:] == (320, 240)


@pytest.mark.parametrize(("content", "name"), [(huge_png(), "a.png"), (huge_jpeg(), "a.jpg")])
def test_a_decompression_bomb_is_refused_by_its_header(content: bytes, name: str) -> None:
    with pytest.raises(UnsupportedFile, match="60000 × 60000 pixels"):
        sniffed(content, name)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"hello, this is text\n", "file_is_text"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "contains WebP"),
        (b"\0\0\0\x18ftypheic", "contains HEIC or AVIF"),
        (b"\x1a\x45\xdf\xa3", "contains Matroska"),
        (b"\0\1\2\3\4\5\6\7\x08\x0e", "file_type_unknown"),
    ],
)
def test_the_detected_format_is_named(content: bytes, words: str) -> None:
    with pytest.raises(UnsupportedFile, match=words):
        sniffed(content, "a.mp4")


@given(st.binary(max_size=200))
def test_any_bytes_are_detected_or_refused(content: bytes) -> None:
    for name in ("a.jpg", "a.png", "a.mp4"):
        for start in (b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"):
            with contextlib.suppress(UnsupportedFile):
                sniffed(start + content, name)


def test_the_kind_follows_from_the_extension() -> None:
    assert claimed_kind("A.JPG") == "image"
    assert claimed_kind("a.b.wmv") == "video"
    for name in ("a.mkv", "mp4", "", "a.gif"):
        with pytest.raises(UnsupportedFile):
            claimed_kind(name)


def test_pending_clips_are_listed() -> None:
    footage = {"frame_count": 4000, "clip_count": 3}
    document = {"state": "processing", "clips": {"1": {"first": 1800, "last": 3599}}, "labels": {}, "footage": footage}

    clips = clips_of(document)

    assert [(clip.first, clip.last, clip.state) for clip in clips] == [
        (0, 1799, "processing"),
        (1800, 3599, "ready"),
        (3600, 3999, "processing"),
    ]
    assert [clip.index for clip in clips_of(document | {"footage": None})] == [1]
