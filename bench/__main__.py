"""Runs every benchmark in a separate process, and ends with the list of figures that miss their goal: `make bench`.

python -m bench [NAME …] [--json]
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from bench.report import Figure, Report

NOT_BENCHMARKS = {"__init__", "__main__", "report"}


def names() -> list[str]:
    """All benchmarks."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in NOT_BENCHMARKS)


def measure(name: str) -> list[Figure]:
    """Run a benchmark and return its figures.

    Raises:
        subprocess.CalledProcessError: The benchmark failed.
    """
    done = subprocess.run([sys.executable, "-m", f"bench.{name}", "--json"], stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1) or not done.stdout:
        raise subprocess.CalledProcessError(done.returncode, name)
    return [Figure(**figure) for figure in json.loads(done.stdout.splitlines()[-1])["figures"]]


def main() -> int:
    """Run benchmarks and print their figures; the exit code is 1 if a figure misses its goal or a benchmark failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*names(), []], help="default: all")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    report = Report(as_json=arguments.json)
    failed = []
    for name in arguments.names or names():
        try:
            figures = measure(name)
        except subprocess.CalledProcessError as error:
            failed.append(name)
            print(f"{name} failed with code {error.returncode}", file=sys.stderr)
            continue
        for figure in figures:
            report.add_figure(figure)
    code = report.close()
    if not arguments.json:
        short = [figure for figure in report.figures if figure.short]
        print(f"\n{len(report.figures)} figures, {len(short)} short")
        for figure in short:
            print(figure)
    return 1 if code or failed else 0


if __name__ == "__main__":
    sys.exit(main())
