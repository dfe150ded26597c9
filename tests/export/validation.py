"""Validates archives with third-party libraries in their own environment."""

import atexit
import json
import select
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from deploy.local.validators import ensure

PROGRAMS = Path(__file__).with_name("validators")
TIMEOUT_S = 120


class ValidationFailed(AssertionError):
    """A validator could not read an archive; contains its traceback."""


class Validators:
    """A process in the validators' environment that runs one program after another and loads libraries once."""

    def __init__(self, python: Path) -> None:
        # Safe path (-P): a program may have the same name as its library.
        command = [str(python), "-P", str(PROGRAMS / "serve.py")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, program: str, folder: Path) -> Any:
        """The result of `validators/<program>.py` for `folder`."""
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps({"program": program, "folder": str(folder)}), file=self._process.stdin, flush=True)
        if not select.select([self._process.stdout], [], [], TIMEOUT_S)[0]:
            self.close()
            raise ValidationFailed(f"{program} gave no answer within {TIMEOUT_S} s")
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise ValidationFailed(f"{program} cannot read this archive:\n{answer['error'][-4000:]}")
        return answer["found"]

    def close(self) -> None:
        """Stop the process; the next validation starts a new one."""
        self._process.kill()
        self._process.communicate()
        running.cache_clear()


@cache
def running() -> Validators:
    """The process of this test run. The first call on a machine creates the environment; errors name the command."""
    validators = Validators(ensure())
    atexit.register(validators.close)
    return validators


def validated(program: str, folder: Path) -> Any:
    """The result of `validators/<program>.py` for the unpacked archive in `folder`."""
    return running().run(program, folder)


def unpacked(files: dict[str, bytes], folder: Path) -> Path:
    """Write the files of an archive (`made.archive`) below `folder`."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
