"""Paths in archives are safe and unique on every system, and close to the original names."""

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from export.dataset.safe_names import PART_BYTES, Names, name_fault, safe_path


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a b.jpg", "a b.jpg"),
        ("夜の道.jpg", "夜の道.jpg"),
        ("e\u0301.jpg", "é.jpg"),
        ("day/one.jpg", "day/one.jpg"),
        ("../../etc/passwd", "etc/passwd"),
        ("/abs.jpg", "abs.jpg"),
        ("..\\..\\win.ini", "win.ini"),
        ("C:\\x.jpg", "C_/x.jpg"),
        ("a\x00\n.jpg", "a__.jpg"),
        ('<>:"|?*.jpg', "_______.jpg"),
        ("\u202egpj.exe", "_gpj.exe"),
        ("con.jpg", "_con.jpg"),
        ("LPT1", "_LPT1"),
        ("dot. ", "dot"),
        ("...", "file"),
        ("", "file"),
    ],
)
def test_hostile_names_become_safe_and_others_stay(name: str, path: str) -> None:
    assert safe_path(name) == path


@given(st.text())
def test_every_name_is_a_relative_path_on_every_system(name: str) -> None:
    path = safe_path(name)

    for pure in (PurePosixPath(path), PureWindowsPath(path)):
        assert not pure.is_absolute()
        assert not pure.drive
        assert ".." not in pure.parts
        assert all(0 < len(part.encode()) <= PART_BYTES for part in pure.parts)
    assert safe_path(path) == path


def test_a_long_name_keeps_its_suffix() -> None:
    assert safe_path("ü" * 300 + ".jpeg").endswith("üü.jpeg")


def test_used_names_get_numbers_ignoring_case() -> None:
    names = Names()

    assert [names.file(name) for name in ("a.jpg", "a.jpg", "A.JPG", "b.jpg")] == [
        "a.jpg",
        "a (2).jpg",
        "A (3).JPG",
        "b.jpg",
    ]


def test_a_folder_is_never_where_a_file_is() -> None:
    names = Names()

    assert names.file("a.jpg") == "a.jpg"
    assert names.folder("a.jpg") == "a (2).jpg"
    assert names.file("a.jpg/b.jpg") == "a.jpg_/b.jpg"
    assert names.file("c/d.jpg") == "c/d.jpg"
    assert names.file("c") == "c (2)"


@pytest.mark.parametrize("name", ["Night2024", "夜", "a-b", "My export (3)", "x" * 120])
def test_valid_names_have_no_fault(name: str) -> None:
    assert name_fault(name) is None


@pytest.mark.parametrize("name", ["a/b", "a\\b", "..", ".", " a", "a.", "a\nb", "nul", "CON.zip", "a:b", "夜" * 120])
def test_invalid_file_names_have_a_fault(name: str) -> None:
    assert name_fault(name)
