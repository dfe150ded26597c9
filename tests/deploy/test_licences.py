"""What the images carry is under licences that allow it."""

import importlib.metadata
import re

import pytest

from tests.deploy.dockerfile import ROOT
from tests.deploy.rendered import SERVICES

NOTICE = " ".join((ROOT / "NOTICE").read_text().split())
COPYLEFT = re.compile(r"\b(A?GPL|GNU (Affero )?General Public|SSPL|Server Side Public)", re.IGNORECASE)
ALLOWED = re.compile(
    r"\b(MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla|Unlicense|Zlib|CC0|0BSD)\b", re.IGNORECASE
)


def packages(requirements: str) -> list[str]:
    """The names of the packages in a requirements file."""
    return re.findall(r"^([\w.-]+)==", (ROOT / "requirements" / requirements).read_text(), re.MULTILINE)


def licence(package: str) -> str:
    """All that a package's metadata says of its licence."""
    metadata = importlib.metadata.metadata(package)
    classifiers = [word for word in metadata.get_all("Classifier") or [] if word.startswith("License ::")]
    named = [*(metadata.get_all("License-Expression") or []), *(metadata.get_all("License") or [])]
    return " ".join([*named, *classifiers])


@pytest.mark.parametrize("service", SERVICES)
def test_every_dependency_of_a_service_is_under_a_permissive_licence(service: str) -> None:
    missing: list[str] = []
    assert len(packages(f"{service}.txt")) > 20
    for package in packages(f"{service}.txt"):
        try:
            stated = licence(package)
        except importlib.metadata.PackageNotFoundError:
            missing.append(package)  # for another system than this one
            continue
        assert not COPYLEFT.search(stated), f"{package}: {stated}"
        assert ALLOWED.search(stated), f"{package} says nothing known of its licence: {stated!r}"
    assert set(missing) <= {"colorama", "tzdata", "uvloop", "pywin32"}, missing


@pytest.mark.parametrize(
    "carried",
    ["NanoDet", "human-models", "x264", "FFmpeg", "MongoDB", "SeaweedFS", "nats-server", "OpenCV", "astronaut"],
)
def test_the_notice_names_third_party_files(carried: str) -> None:
    assert carried in NOTICE


def test_the_server_that_must_not_be_redistributed_is_in_no_image() -> None:
    for service in SERVICES:
        assert not [name for name in packages(f"{service}.txt") if "fiftyone" in name or "mongodb" in name]
