"""The table in docs/formats.md, from what the formats say of themselves and what a run of their tests saw.

`make formats` runs the tests that ask a referee or import again, and rewrites the table.
"""

import ast
import asyncio
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from common.contract.questions import Format, ListFormats
from export.exporting.requests import list_formats
from tests.export.refereed import PROGRAMS
from tests.export.witness import WITNESS

TESTS = Path(__file__).parent
PAGE = TESTS.parents[1] / "docs" / "formats.md"
BEGIN, END = "<!-- formats: begin -->", "<!-- formats: end -->"
HEAD = "| format | export | import | read back by | round trip | cannot carry |\n|---|---|---|---|---|---|\n"
YES, NO, NOTHING = "yes", "–", "nothing is lost"
# What people call the libraries that referees import.
LIBRARIES = {
    "cityscapesscripts": "cityscapesScripts",
    "cvat_sdk": "CVAT SDK",
    "datumaro": "Datumaro",
    "lxml": "lxml",
    "pycocotools": "pycocotools",
    "supervision": "supervision",
    "tfrecord": "tfrecord",
    "trackeval": "TrackEval",
    "xmlschema": "xmlschema",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    name: str
    can_export: str
    can_import: str
    judges: str
    round_trip: str
    cannot_carry: str

    def __str__(self) -> str:
        return f"| {' | '.join((self.name, self.can_export, self.can_import, *self.seen, self.cannot_carry))} |"

    @property
    def seen(self) -> tuple[str, str]:
        """What only a run of tests knows."""
        return self.judges, self.round_trip

    @property
    def told(self) -> tuple[str, ...]:
        """What the format says of itself."""
        return self.name, self.can_export, self.can_import, self.cannot_carry


def row(known: Format) -> Row:
    """The line of a format after a run of tests."""
    programs = WITNESS.referees.get(known.name, set())
    libraries = {name for program in programs for name in libraries_of(program)}
    return Row(
        name=known.name,
        can_export=YES if known.can_export else NO,
        can_import=YES if known.can_import else NO,
        judges=", ".join(sorted(libraries, key=str.lower)) or NO,
        round_trip=YES if known.name in WITNESS.returned else NO,
        cannot_carry="; ".join(known.cannot_carry).replace("|", "\\|") or (NOTHING if known.can_export else NO),
    )


def libraries_of(program: str) -> set[str]:
    """The libraries by which a referee reads an archive."""
    imported: set[str] = set()
    for node in ast.walk(ast.parse((PROGRAMS / f"{program}.py").read_text("utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module.partition(".")[0])
    return {LIBRARIES[name] for name in imported if name in LIBRARIES} or {"a reader of our own"}


async def rows() -> list[Row]:
    """The lines of all formats, by name."""
    return sorted(map(row, (await list_formats(ListFormats())).items), key=lambda found: found.name.lower())


def committed() -> dict[str, Row]:
    """The lines of the page as it is, by format."""
    table = PAGE.read_text("utf-8").partition(BEGIN)[2].partition(END)[0]
    cells = [re.split(r"(?<!\\) \| ", line[2:-2]) for line in table.splitlines() if line.startswith("| ")][1:]
    return {found[0]: Row(*found) for found in cells}


def witnesses() -> list[Path]:
    """The tests that the table is made from: those of single formats, out and in."""
    return sorted(TESTS.glob("formats/*/test_*.py"))


async def rewrite() -> None:
    """Put the table into the page."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    table = "\n".join(map(str, await rows()))
    PAGE.write_text(f"{before}{BEGIN}\n{HEAD}{table}\n{END}{rest.partition(END)[2]}", "utf-8")


def main() -> None:
    if pytest.main(["-q", *map(str, witnesses())]):
        sys.exit("The table stays as it is, because a test failed.")
    asyncio.run(rewrite())


if __name__ == "__main__":
    main()
