"""Archives read back by other people's programs, in an environment of their own."""

import json
import subprocess
from pathlib import Path
from typing import Any

from deploy.local.referees import ensure
from tests.export.witness import WITNESS

PROGRAMS = Path(__file__).with_name("referees")
TIMEOUT_S = 120


class Refused(AssertionError):
    """A referee could not read an archive; its own words."""


def judged(program: str, folder: Path) -> Any:
    """What `referees/<program>.py` found in the unpacked archive in `folder`: the last line that it prints, as JSON.

    The first call on a machine makes the referees' environment; where that fails, so does the test, with the command
    that makes it.
    """
    # Safe path (-P): a program may be called as the library that it asks.
    command = [str(ensure()), "-P", str(PROGRAMS / f"{program}.py"), str(folder)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, cwd=folder, check=False)
    if ended.returncode:
        raise Refused(f"{program} cannot read this archive:\n{ended.stderr[-4000:]}")
    WITNESS.judged(program)
    return json.loads(ended.stdout.splitlines()[-1])


def unpacked(files: dict[str, bytes], folder: Path) -> Path:
    """The files of an archive (`made.archive`), written below `folder` for a referee."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
