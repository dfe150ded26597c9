"""Creates `.tools/validators`: third-party programs with which tests validate exported archives.

`python -m deploy.local.validators`. It is separate from `.venv`, because its packages conflict with those of the
product, and is not shipped. It is created again when its pins or the Python version change.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".tools" / "validators"
PYTHON = HOME / "bin" / "python"
REQUIREMENTS = ROOT / "requirements" / "validators.txt"
STAMP = HOME / "installed"

MAKE = ".venv/bin/python -m deploy.local.validators"
FAILED = f"The validators of archives could not be installed; see the lines above. Try again with: {MAKE}"


class Missing(Exception):
    """The environment could not be created."""


def main() -> None:
    try:
        ensure()
    except Missing as error:
        sys.exit(str(error))


def ensure() -> Path:
    """The Python of the validators' environment, which is created if it is missing or outdated."""
    if is_current():
        return PYTHON
    HOME.parent.mkdir(exist_ok=True)
    with locked():
        if not is_current():
            install()
    return PYTHON


def is_current() -> bool:
    return PYTHON.exists() and STAMP.exists() and STAMP.read_text() == fingerprint()


def fingerprint() -> str:
    """Depends on the requirements and the Python version."""
    return hashlib.sha256(sys.version.encode() + REQUIREMENTS.read_bytes()).hexdigest()


def install() -> None:
    print("Installing the validators of archives", flush=True)
    shutil.rmtree(HOME, ignore_errors=True)
    uv("venv", "--quiet", "--python", sys.executable, str(HOME))
    uv("pip", "sync", "--quiet", "--python", str(PYTHON), "--require-hashes", str(REQUIREMENTS))
    STAMP.write_text(fingerprint())


def uv(*arguments: str) -> None:
    """Run the repository's uv, with timeouts that allow large wheels on slow connections."""
    command = [str(Path(sys.executable).with_name("uv")), *arguments]
    try:
        subprocess.run(command, env={"UV_HTTP_TIMEOUT": "300", **os.environ}, cwd=ROOT, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Missing(FAILED) from error


@contextmanager
def locked() -> Iterator[None]:
    """Prevents two test runs from creating the environment at the same time."""
    with (HOME.parent / "validators.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    main()
