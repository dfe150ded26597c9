"""The steps of the Dockerfile that install a service, run on this machine: no Docker here, but the same commands."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.dockerfile import ROOT, stages
from tests.deploy.rendered import SERVICES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
SERVICE = "export"
STAGES = stages()
UV = str(Path(sys.executable).with_name("uv"))


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that stands for the root of the image's build stage, after all its steps."""
    root = tmp_path_factory.mktemp("image")
    python = root / "python"
    # The official image: a Python with pip.
    subprocess.run([UV, "venv", "--quiet", "--seed", "--python", sys.executable, str(python)], check=True)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("UV_PYTHON", "VIRTUAL_ENV", "PYTHON"))
    }
    environment["PATH"] = f"{python}/bin:/usr/bin:/bin"
    for stage in ("tools", "build"):
        for instruction, template in STAGES[stage].steps:
            arguments = template.replace("${SERVICE}", SERVICE)
            if instruction == "ENV":
                environment |= dict(word.split("=", 1) for word in arguments.split())
            elif instruction == "COPY":
                copy(arguments.split(), root / "src")
            elif instruction == "RUN":
                run(arguments, root, environment)
    return root


def copy(words: list[str], folder: Path) -> None:
    *sources, target = words
    for source in sources:
        found, where = ROOT / source, folder / target
        if found.is_dir():
            shutil.copytree(found, where, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        else:
            where.mkdir(parents=True, exist_ok=True)
            shutil.copy(found, where)


def run(step: str, root: Path, environment: dict[str, str]) -> None:
    """One RUN, with the image's folders in `root`."""
    command = re.sub(r"--mount=\S+ ", "", step)
    command = re.sub(r"(?<=\s)/(app|wheels)\b", rf"{root}/\1", command)
    subprocess.run(["sh", "-euc", command], cwd=root / "src", env=environment, check=True)


def in_image(image: Path, code: str) -> str:
    done = subprocess.run(
        [str(image / "app/bin/python"), "-I", "-c", code], capture_output=True, text=True, check=True, cwd=image
    )
    return done.stdout.strip()


def test_the_service_can_be_imported(image: Path) -> None:
    assert in_image(image, f"import {SERVICE}.app; print(callable({SERVICE}.app.create))") == "True"


def test_no_other_service_can_be_imported(image: Path) -> None:
    found = in_image(
        image, f"import importlib.util as u; print([s for s in {SERVICES!r} if u.find_spec(s)], u.find_spec('pytest'))"
    )

    assert found == f"['{SERVICE}'] None"


def test_the_contracts_are_in_the_image(image: Path) -> None:
    assert int(in_image(image, "from common.contract.schemas import committed; print(len(committed()))")) > 50


def test_the_topology_command_is_in_the_image(image: Path) -> None:
    code = "import common.messaging.topology as t; print(len(t.streams()))"

    assert int(in_image(image, code)) > 5


def test_packages_are_installed_as_wheels_not_as_links(image: Path) -> None:
    assert in_image(image, f"import {SERVICE}; print({SERVICE}.__file__)").startswith(f"{image}/app/lib/")


def test_every_dependency_that_the_service_states_is_pinned(image: Path) -> None:
    subprocess.run([UV, "pip", "check", "--quiet", "--python", str(image / "app")], check=True)
