"""Notes what the tests of export saw, for the table of formats; and someone else's S3."""

from collections.abc import AsyncIterator, Iterator, Sequence
from types import FunctionType
from typing import Any

import pytest

from common.storage.objects import Objects
from deploy.local.credentials import Credentials
from deploy.local.output import LogFiles
from deploy.local.ports import Ports
from deploy.local.s3_server import S3Server
from deploy.local.servers import Running
from tests.export.someone import Someone
from tests.export.witness import WITNESS


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Who asks a referee is marked, before tests are selected; the table is compared when all others have run."""
    WITNESS.selective |= any("::" in argument for argument in config.args)
    for item in items:
        if isinstance(item, pytest.Function) and asks_referee(item.function):
            item.add_marker(pytest.mark.referees)
    items.sort(key=lambda item: item.path.name == "test_formats_page.py")


def asks_referee(test: Any) -> bool:
    """Whether a test calls `judged`, itself or by one of our functions."""
    test = getattr(getattr(test, "hypothesis", None), "inner_test", test)
    called = set(test.__code__.co_names)
    helpers = [found for name in called if isinstance(found := test.__globals__.get(name), FunctionType)]
    ours = [helper for helper in helpers if helper.__module__.startswith("tests.export.")]
    return any("judged" in names for names in (called, *(helper.__code__.co_names for helper in ours)))


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Some tests do not run."""
    WITNESS.selective |= bool(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """What a test saw counts if it passes."""
    WITNESS.begin(item.path)
    yield
    WITNESS.keep()


@pytest.fixture(scope="module")
async def outside_s3(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[S3Server]:
    home = tmp_path_factory.mktemp("someone")
    server, logs = S3Server(home, Ports.free(), Credentials.of(home)), LogFiles(home / "logs")
    child = Running(server, logs.write)
    await child.start()
    yield server
    await child.stop()
    logs.close()


@pytest.fixture
async def someone(outside_s3: S3Server) -> Someone:
    objects = Objects(outside_s3.url)
    await objects.delete_all("")
    return Someone(f"http://127.0.0.1:{outside_s3.ports[0].number}", outside_s3.credentials, objects)
