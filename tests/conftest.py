"""How the tests share the machine: which of them run in one process, and in which order."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parent
SOAK = bool(os.environ.get("TRACKLANE_SOAK"))
# A normal run tries the same examples each time; `make soak` looks for new ones. A slow example is no failure on a
# shared machine, nor is a property that few examples have.
settings.register_profile(
    "tests",
    max_examples=1000 if SOAK else 20,
    derandomize=not SOAK,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile("tests")
# Tests of these folders share servers, services or a browser that take long to start.
ONE_PROCESS = ("pipeline", "browser", "gateway", "annotation")
# The longest tests begin first, so that no process is left alone with them at the end.
FIRST = (
    "pipeline",
    "browser",
    "gateway",
    "local",
    "annotation",
    "deploy",
    "inference",
    "frames",
    "ingest",
    "export/exporting",
    "export/importing",
    "export/test_every_format.py",
)


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist's scheduler is untyped
    """Gives a process whole files, or a whole folder whose tests share a start."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        folder = path.split("/")[1]
        return folder if folder in ONE_PROCESS else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    """Used by every run in several processes."""
    config.option.loadscopereorder = False
    return ByFile(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put what takes longest first; leave out soak tests."""
    items.sort(key=_rank)
    if not SOAK:
        left_out = [item for item in items if item.get_closest_marker("soak")]
        items[:] = [item for item in items if not item.get_closest_marker("soak")]
        config.hook.pytest_deselected(items=left_out)


def _rank(item: pytest.Item) -> int:
    path = item.path.relative_to(ROOT).as_posix()
    return next((rank for rank, start in enumerate(FIRST) if path.startswith(start)), len(FIRST))
