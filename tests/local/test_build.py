"""What is built and installed is built and installed again exactly when what it is made of changed."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from deploy.local import install, lock, ui

REQUIREMENTS = sorted((install.ROOT / "requirements").glob("*.txt"))


def test_a_result_is_kept_until_a_source_changes(tmp_path: Path) -> None:
    source, result = tmp_path / "main.ts", tmp_path / "dist"
    source.write_text("one")
    result.mkdir()
    assert not ui.unchanged(result, [source])

    ui.mark(result, [source])
    os.utime(source, (0, 0))  # a checkout touches times, not content
    assert ui.unchanged(result, [source])

    source.write_text("two")
    assert not ui.unchanged(result, [source])


def test_a_command_that_is_missing_or_fails_does_not_work() -> None:
    assert install.works(sys.executable, "-c", "")
    assert not install.works(sys.executable, "-c", "raise SystemExit(1)")
    assert not install.works("/no/such/program")


def test_every_member_is_installed() -> None:
    names = [member.name for member in install.members()]

    assert names == ["common", "annotation", "export", "frames", "gateway", "inference", "ingest"]


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_every_package_is_pinned_by_hash_and_without_an_address(path: Path) -> None:
    text = path.read_text()
    packages = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]

    assert "://" not in text
    assert [line for line in packages if not re.match(r"[\w.\[\],-]+==\S+ .*\\$", line)] == []
    assert text.count("--hash=sha256:") >= len(packages)


def test_a_service_has_the_same_pins_as_the_whole() -> None:
    whole = pins(install.DEV)

    for service in lock.SERVICES:
        assert pins(install.ROOT / "requirements" / f"{service.name}.txt").items() <= whole.items()


def test_the_requirements_are_those_of_the_projects() -> None:
    """Every requirement of pyproject.toml has its pin; `make lock` writes them."""
    pinned = {name for name, _ in pins(install.DEV)}
    wanted = {
        re.split(r"[^\w-]", requirement)[0].lower().replace("_", "-")
        for folder in [install.ROOT, *install.members()]
        for requirement in requirements(tomllib.loads((folder / "pyproject.toml").read_text()))
    }
    own = {name for name in wanted if name.startswith("tracklane-")}

    assert wanted - own - pinned == set()


def test_make_lists_its_commands() -> None:
    output = subprocess.run(["make", "help"], cwd=install.ROOT, capture_output=True, text=True, check=True).stdout

    assert {line.split()[0] for line in output.splitlines()} >= {"up", "test", "unit", "check", "bench", "superuser"}


def requirements(project: dict[str, Any]) -> list[str]:
    groups = project.get("dependency-groups", {}).values()
    return [*project["project"]["dependencies"], *(word for group in groups for word in group if isinstance(word, str))]


def pins(path: Path) -> dict[tuple[str, str], str]:
    """The version of each package, by its name and the machines it is for."""
    found = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+) ?(;[^\\]*)?", path.read_text(), re.MULTILINE)
    return {(name, marker.strip()): version for name, version, marker in found}
