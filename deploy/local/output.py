"""The output of programs: a log file for each, and the lines of services also on the terminal."""

import logging
import sys
from collections import deque
from collections.abc import Callable, Collection
from logging.handlers import RotatingFileHandler
from pathlib import Path

Write = Callable[[str, str], None]
_COLOURS = (36, 32, 33, 35, 34, 96, 92, 93, 95, 94)
# The levels of routine log lines.
_ROUTINE = ("[info ", "[debug ")
_FILE_BYTES = 10 * 1024 * 1024


class LogFiles:
    """A log file per program, at most 20 MB each, with its last lines in memory."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._files: dict[str, RotatingFileHandler] = {}
        self._tails: dict[str, deque[str]] = {}

    def write(self, name: str, line: str) -> None:
        """Add a line to the file of a program."""
        if name not in self._files:
            path = self.folder / f"{name}.log"
            self._files[name] = RotatingFileHandler(path, maxBytes=_FILE_BYTES, backupCount=1)
            self._tails[name] = deque(maxlen=20)
        self._tails[name].append(line)
        self._files[name].emit(logging.makeLogRecord({"msg": line}))

    def tail(self, name: str) -> list[str]:
        """The last lines of a program."""
        return list(self._tails.get(name, ()))

    def close(self) -> None:
        for file in self._files.values():
            file.close()


class Terminal:
    """Writes lines to the files, and the noteworthy ones to the terminal with the program's name."""

    def __init__(
        self, files: LogFiles, *, quiet: Collection[str], verbose: bool = False, colour: bool = sys.stdout.isatty()
    ) -> None:
        self._files = files
        self._quiet = frozenset(quiet)
        self._verbose = verbose
        self._colour = colour
        self._colours: dict[str, int] = {}

    def write(self, name: str, line: str) -> None:
        """Store a line; show it unless it is a routine log line."""
        self._files.write(name, line)
        if self._verbose or not (name in self._quiet or any(mark in line for mark in _ROUTINE)):
            self.show(name, line)

    def explain(self, name: str) -> None:
        """Show the last lines of a quiet program that has failed."""
        if name in self._quiet:
            for line in self._files.tail(name):
                self.show(name, line)

    def show(self, name: str, line: str) -> None:
        label = f"{name:<12}|"
        if self._colour:
            code = self._colours.setdefault(name, _COLOURS[len(self._colours) % len(_COLOURS)])
            label = f"\x1b[{code}m{label}\x1b[0m"
        print(label, line, flush=True)
