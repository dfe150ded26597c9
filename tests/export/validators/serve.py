"""Runs validators on request, so that their libraries are loaded once: reads and writes one line of JSON each."""

import contextlib
import io
import json
import os
import runpy
import sys
import traceback
from pathlib import Path
from typing import Any

PROGRAMS = Path(__file__).parent


def run(program: str, folder: str) -> Any:
    """The JSON that a program prints in its last line about the archive in `folder`."""
    printed = io.StringIO()
    sys.argv = [program, folder]
    os.chdir(folder)
    with contextlib.redirect_stdout(printed):
        runpy.run_path(str(PROGRAMS / f"{program}.py"), run_name="__main__")
    return json.loads(printed.getvalue().splitlines()[-1])


def answer(line: str) -> dict[str, Any]:
    """The result, or the traceback of the failure."""
    try:
        return {"found": run(**json.loads(line))}
    except (Exception, SystemExit):
        return {"error": traceback.format_exc()}


def main() -> None:
    # Libraries write to standard output as well, some of them from native code.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        print(json.dumps(answer(line)), file=answers, flush=True)


if __name__ == "__main__":
    main()
