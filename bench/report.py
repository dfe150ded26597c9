"""The common form of benchmark results: one line per figure, `name value unit goal ok|SHORT`.

    def main(report: Report) -> None:
        report.add("events, of raw publishes", 0.84, "ratio", at_least=0.7)

    if __name__ == "__main__":
        run(main)

`--json` prints one JSON object instead. The exit code is 1 if a figure misses its goal. On a busy machine the report
starts with a warning, because the figures are then unreliable.
"""

import argparse
import asyncio
import inspect
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

# With a larger share of busy processors before the start, the figures are unreliable.
BUSY_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value, and its goal if it has one."""

    name: str
    value: float
    unit: str
    goal: str = ""
    short: bool = False

    def __str__(self) -> str:
        outcome = ("SHORT" if self.short else "ok") if self.goal else ""
        return f"{self.name:<58} {self.value:>12,.2f} {self.unit:<12} {self.goal:<10} {outcome}".rstrip()


class Report:
    """Collects figures and prints each at once."""

    def __init__(self, *, as_json: bool = False) -> None:
        self._as_json = as_json
        self.figures: list[Figure] = []
        self.load = busy_share()
        if self.is_busy and not as_json:
            print(f"# busy machine: {self.load:.0%} of the processors in use before the start", flush=True)

    @property
    def is_busy(self) -> bool:
        """Whether other work makes the figures unreliable."""
        return self.load > BUSY_SHARE

    @property
    def is_short(self) -> bool:
        """Whether a figure misses its goal."""
        return any(figure.short for figure in self.figures)

    def add(
        self, name: str, value: float, unit: str, *, at_least: float | None = None, at_most: float | None = None
    ) -> None:
        """Report a value, with at most one goal."""
        assert at_least is None or at_most is None, "a figure has one goal"
        if at_least is not None:
            figure = Figure(name, value, unit, f">= {at_least:g}", value < at_least)
        elif at_most is not None:
            figure = Figure(name, value, unit, f"<= {at_most:g}", value > at_most)
        else:
            figure = Figure(name, value, unit)
        self.add_figure(figure)

    def add_figure(self, figure: Figure) -> None:
        """Report a figure that was measured elsewhere."""
        self.figures.append(figure)
        if not self._as_json:
            print(figure, flush=True)

    def close(self) -> int:
        """Print the JSON object, if requested; returns the exit code."""
        if self._as_json:
            figures = [asdict(figure) for figure in self.figures]
            print(json.dumps({"load": round(self.load, 3), "figures": figures}))
        return 1 if self.is_short else 0


def busy_share() -> float:
    """The share of processors in use over the last minute."""
    return os.getloadavg()[0] / (os.cpu_count() or 1)


def run(main: Callable[..., Any], parser: argparse.ArgumentParser | None = None) -> None:
    """Run a benchmark's `main(report)`, or `main(report, arguments)` if it has its own parser, and exit."""
    has_arguments = parser is not None
    parser = parser or argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    arguments = parser.parse_args()
    report = Report(as_json=arguments.json)
    result = main(report, arguments) if has_arguments else main(report)
    if inspect.iscoroutine(result):
        asyncio.run(result)
    sys.exit(report.close())
