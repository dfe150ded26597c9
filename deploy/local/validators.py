"""Makes `.tools/validators`: other people's programs that read our archives back in tests and judge them.

`python -m deploy.local.validators`. It is an environment apart from `.venv`, because its packages contradict ours, and
nothing of it is shipped. It is made again when its pins, or Python, changed.
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
FAILED = f"The validators of archives could not be installed; the lines above say why. Try again with: {MAKE}"


class Missing(Exception):
    """The environment could not be made."""


def main() -> None:
    try:
        ensure()
    except Missing as error:
        sys.exit(str(error))


def ensure() -> Path:
    """The Python of the validators' environment, which is made now where it is missing or older than its pins."""
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
    """Changes with what should be installed, and for which Python."""
    return hashlib.sha256(sys.version.encode() + REQUIREMENTS.read_bytes()).hexdigest()


def install() -> None:
    print("Installing the validators of archives", flush=True)
    shutil.rmtree(HOME, ignore_errors=True)
    uv("venv", "--quiet", "--python", sys.executable, str(HOME))
    uv("pip", "sync", "--quiet", "--python", str(PYTHON), "--require-hashes", str(REQUIREMENTS))
    STAMP.write_text(fingerprint())


def uv(*arguments: str) -> None:
    """Run the repository's own uv; a slow line is no reason to give up on the large wheels."""
    command = [str(Path(sys.executable).with_name("uv")), *arguments]
    try:
        subprocess.run(command, env={"UV_HTTP_TIMEOUT": "300", **os.environ}, cwd=ROOT, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Missing(FAILED) from error


@contextmanager
def locked() -> Iterator[None]:
    """Keeps two runs of tests from making the environment at the same time."""
    with (HOME.parent / "validators.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    main()
