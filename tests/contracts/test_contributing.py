"""The table in CONTRIBUTING.md is correct: each file exists and defines the name listed with it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
HOPS = re.findall(r"`([\w/.-]+\.(?:py|ts))` `(\w+)`", PAGE)
PATHS = re.findall(r"`((?:libs|services|deploy|tests|docs)/[\w/.-]+)`", PAGE)


def test_the_table_answers_twelve_questions_in_two_hops() -> None:
    rows = re.findall(r"^\| .*\? \| .* \| .* \|$", PAGE, re.MULTILINE)

    assert len(rows) == 12
    assert len(HOPS) == 24


@pytest.mark.parametrize(("path", "name"), HOPS)
def test_a_hop_names_a_definition(path: str, name: str) -> None:
    source = (ROOT / path).read_text("utf-8")

    defines = rf"^\s*(?:export |default |async )*(?:def|class|function|const|type|interface) {name}\b|^{name}\b\s*[:=]"
    assert re.search(defines, source, re.MULTILINE)


@pytest.mark.parametrize("path", PATHS)
def test_a_path_exists(path: str) -> None:
    assert (ROOT / path).exists()
