"""What a run of the tests saw of each format: which programs read its archives, and whether objects came back."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Witness:
    """Notes what a test does, and keeps it if the test passes.

    `selective` says that some tests were left out, `ran` in which files there were any, `unfinished` how many of them
    did not pass.
    """

    referees: dict[str, set[str]] = field(default_factory=dict)
    returned: set[str] = field(default_factory=set)
    selective: bool = False
    ran: set[Path] = field(default_factory=set)
    unfinished: Counter[Path] = field(default_factory=Counter)
    _path: Path = Path()
    _archived: set[str] = field(default_factory=set)
    _judges: set[str] = field(default_factory=set)
    _imported: set[str] = field(default_factory=set)

    def archived(self, name: str) -> None:
        """An archive in format `name` was made."""
        self._archived.add(name)

    def judged(self, program: str) -> None:
        """A referee read what was made."""
        self._judges.add(program)

    def imported(self, name: str) -> None:
        """An archive in format `name` was read again."""
        self._imported.add(name)

    def saw_all(self, files: list[Path]) -> bool:
        """Whether every test of these files ran and passed."""
        return not self.selective and self.ran.issuperset(files) and not any(self.unfinished[file] for file in files)

    def begin(self, path: Path) -> None:
        """A test in the file `path` begins."""
        self._path = path
        self.ran.add(path)
        self.unfinished[path] += 1
        for noted in (self._archived, self._judges, self._imported):
            noted.clear()

    def keep(self) -> None:
        """The test passed."""
        self.unfinished[self._path] -= 1
        for name in self._archived if self._judges else ():
            self.referees.setdefault(name, set()).update(self._judges)
        self.returned |= self._archived & self._imported


WITNESS = Witness()
