"""Makes `.venv` hold exactly-pinned packages and the product itself, editable.

Runs on the machine's own Python, so it uses the standard library alone and says plainly what is missing.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.local import system

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
BUILD = ROOT / "requirements" / "build.txt"
DEV = ROOT / "requirements" / "dev.txt"
STAMP = VENV / "installed"

NEW_ENOUGH = "import sys; sys.exit(sys.version_info < (3, 11))"

TOO_OLD = "Tracklane needs Python 3.11 or newer; this is {version}. Name another: make PYTHON=python3.12 …"
NO_VENV = """Python cannot create a virtual environment on this machine: ensurepip is missing.
On Debian or Ubuntu:  apt-get install python3-venv
Anywhere:             install uv, or pip for this Python ({python}), and run this again"""


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - make runs this with whatever python3 is
        sys.exit(TOO_OLD.format(version=sys.version.split()[0]))
    make_environment()
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    install_uv()
    say("Installing the pinned packages")
    uv("--require-hashes", "-r", str(DEV))
    uv("--no-deps", "--no-build-isolation", *(f"-e{member}" for member in members()))
    STAMP.write_text(wanted)


def members() -> "list[Path]":
    return sorted(
        path.parent for path in [*ROOT.glob("libs/*/pyproject.toml"), *ROOT.glob("services/*/pyproject.toml")]
    )


def fingerprint() -> str:
    """Depends on the requirements only, not on the times of files, which a checkout changes."""
    content = hashlib.sha256()
    for path in [VENV / "pyvenv.cfg", BUILD, DEV, *(member / "pyproject.toml" for member in members())]:
        content.update(str(path).encode() + path.read_bytes())
    return content.hexdigest()


def make_environment() -> None:
    """Create `.venv` with the first available tool, unless it exists and works."""
    if works(PYTHON, "-c", NEW_ENOUGH):
        return
    shutil.rmtree(VENV, ignore_errors=True)
    say("Making .venv")
    if has_ensurepip() and works(sys.executable, "-m", "venv", str(VENV)):
        return
    shutil.rmtree(VENV, ignore_errors=True)
    if shutil.which("uv") and works("uv", "venv", "--python", sys.executable, str(VENV)):
        return
    if has_pip() and works(sys.executable, "-m", "venv", "--without-pip", str(VENV)):
        return
    sys.exit(NO_VENV.format(python=sys.executable))


def install_uv() -> None:
    """Install the pinned uv into `.venv`: with its pip, an installed uv, or the machine's pip."""
    pinned = ["install", "--quiet", "--require-hashes", "-r", str(BUILD)]
    if works(PYTHON, "-m", "pip", "--version"):
        run(PYTHON, "-m", "pip", "--disable-pip-version-check", *pinned)
    elif shutil.which("uv"):
        run("uv", "pip", *pinned, "--python", PYTHON)
    elif has_pip():
        run(sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", PYTHON, *pinned)
    else:
        sys.exit(NO_VENV.format(python=sys.executable))


def uv(*arguments: str) -> None:
    """Install into `.venv` with uv, with timeouts that allow large wheels on slow connections."""
    command = [str(UV), "pip", "install", "--quiet", "--python", str(PYTHON), *arguments]
    finish(subprocess.run(command, env={"UV_HTTP_TIMEOUT": "300", **os.environ}, cwd=ROOT, check=False).returncode)


def has_ensurepip() -> bool:
    """Whether Python can create a complete environment, for which Debian needs a separate package."""
    asked = (sys.executable, "-m", "ensurepip", "--version")
    if works(*asked):
        return True
    return (
        sys.executable == "/usr/bin/python3"
        and system.install("virtual environments", "python3-venv")
        and works(*asked)
    )


def has_pip() -> bool:
    return works(sys.executable, "-m", "pip", "--python", sys.executable, "--version")


def works(*command: "str | Path") -> bool:
    """Whether a command exists and succeeds."""
    try:
        return subprocess.run([str(word) for word in command], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def run(*command: "str | Path") -> None:
    finish(subprocess.run([str(word) for word in command], check=False).returncode)


def finish(code: int) -> None:
    """Exit if a step failed; its output is on the terminal."""
    if code:
        sys.exit(f"The installation stopped with code {code}; see the lines above.")


def say(message: str) -> None:
    print(message, flush=True)


if __name__ == "__main__":
    main()
