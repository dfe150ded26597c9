"""The product in a real browser: Chromium without a window, against a running stack or one of its own."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from deploy.local.chromium import find_chromium
from deploy.local.credentials import Credentials
from deploy.local.output import LogFiles
from deploy.local.ports import Ports
from deploy.local.s3_server import S3Server
from deploy.local.servers import Running
from tests.browser.visitor import CLIP, LabelingScreen, Visitor, at_work, visitor
from tests.person import Person, create, signed_in
from tests.stack import running_stack

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Site:
    """Where the product runs, and where it puts its mails."""

    url: str
    home: Path

    @property
    def mail(self) -> Path:
        return self.home / "mail"


@pytest.fixture(scope="session")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """The stack at TRACKLANE_TEST_URL with its TRACKLANE_HOME, or a stack that lives as long as the tests.

    Either has to send archives to an S3 on this machine, and to fetch labels from there, too:
    TRACKLANE_S3_TARGETS_ALLOWED=127.0.0.1.
    """
    if url := os.environ.get("TRACKLANE_TEST_URL"):
        yield Site(url.rstrip("/"), Path(os.environ["TRACKLANE_HOME"]))
        return
    async with AsyncExitStack() as until_the_end:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("TRACKLANE_S3_TARGETS_ALLOWED", "127.0.0.1")
            stack = await until_the_end.enter_async_context(running_stack(tmp_path_factory.mktemp("browser")))
        yield Site(stack.url, stack.home)


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    path = await asyncio.to_thread(find_chromium)
    if path is None:
        pytest.fail("There is no Chromium; `make test` says how to get one.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture(scope="module")
async def someone(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[S3Server]:
    """Someone else's S3."""
    home = tmp_path_factory.mktemp("someone")
    server, logs = S3Server(home, Ports.free(), Credentials.of(home)), LogFiles(home / "logs")
    child = Running(server, logs.write)
    await child.start()
    yield server
    await child.stop()
    logs.close()


@pytest.fixture
async def stranger(site: Site, chromium: Browser) -> AsyncIterator[Visitor]:
    """Somebody who has no account."""
    async with visitor(chromium, site.url) as someone:
        yield someone


@pytest.fixture(scope="module")
async def person(site: Site) -> AsyncIterator[Person]:
    async with signed_in(site) as someone:
        yield someone


@pytest.fixture
async def ada(site: Site, chromium: Browser, person: Person) -> AsyncIterator[Visitor]:
    """The person's browser."""
    async with at_work(chromium, site.url, person) as someone:
        yield someone


@pytest.fixture
async def project(person: Person) -> str:
    return await person.project()


@pytest.fixture
async def video(person: Person, project: str) -> str:
    """A fresh medium, ready to be labeled."""
    media_id = await person.upload(project, CLIP)
    assert (await person.until_settled(media_id))["state"] == "ready"
    return media_id


@pytest.fixture
async def labeled(person: Person, video: str) -> str:
    """A video with a box that is seen from its first frame to its last."""
    assert {one["status"] for one in await person.edit(video, create())} == {"applied"}
    return video


@pytest.fixture
async def screen(ada: Visitor, video: str) -> LabelingScreen:
    """The labeling screen with the first frame of the medium."""
    return await LabelingScreen.open(ada.page, video)
