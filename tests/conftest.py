"""How the tests share the machine: which of them run in one process, and in which order."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
# Tests of these folders share servers, services or a browser that take long to start.
ONE_PROCESS = ("browser",)
# What takes longest begins first, so that no process is left alone with it at the end.
FIRST = ("pipeline", "browser", "local", "deploy", "annotation", "gateway", "inference", "ingest", "frames")


# First, so that the groups are there when xdist looks for them.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Group tests by file, or by folder where they share a start; put the longest first; leave out soak tests."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=_rank)
    if not os.environ.get("TRACKLANE_SOAK"):
        left_out = [item for item in items if item.get_closest_marker("soak")]
        items[:] = [item for item in items if not item.get_closest_marker("soak")]
        config.hook.pytest_deselected(items=left_out)


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(ROOT).parts[0]


def _group(item: pytest.Item) -> str:
    return _folder(item) if _folder(item) in ONE_PROCESS else str(item.path.relative_to(ROOT))


def _rank(item: pytest.Item) -> int:
    folder = _folder(item)
    return FIRST.index(folder) if folder in FIRST else len(FIRST)
