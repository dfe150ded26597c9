"""The product in a real, headless browser, against a running stack or one that the tests start."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from deploy.local.chromium import find_chromium
from deploy.local.s3_server import S3Server
from tests.browser.visitor import CLIP, HEIGHT, WIDTH, LabelingScreen, Visitor, signed_in_browser, visitor
from tests.media import write_video
from tests.person import Person, create, signed_in
from tests.servers import running_s3
from tests.stack import running_stack

DISABLED = ("gpu", "quic", "background-networking", "component-update", "sync")
FLAGS = ["--no-sandbox", "--no-first-run", *(f"--disable-{feature}" for feature in DISABLED)]


@dataclass(frozen=True)
class Site:
    """The URL of the product and the folder of its emails."""

    url: str
    home: Path

    @property
    def mail(self) -> Path:
        return self.home / "mail"


@pytest.fixture(scope="session")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """The stack at TRACKLANE_TEST_URL with its TRACKLANE_HOME, or a stack that runs during the tests.

    It must be allowed to use an S3 server on this machine: TRACKLANE_S3_TARGETS_ALLOWED=127.0.0.1.
    """
    if url := os.environ.get("TRACKLANE_TEST_URL"):
        yield Site(url.rstrip("/"), Path(os.environ["TRACKLANE_HOME"]))
        return
    async with AsyncExitStack() as stack_context:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("TRACKLANE_S3_TARGETS_ALLOWED", "127.0.0.1")
            stack = await stack_context.enter_async_context(running_stack(tmp_path_factory.mktemp("browser")))
        yield Site(stack.url, stack.home)


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    path = await asyncio.to_thread(find_chromium)
    if path is None:
        pytest.fail("Chromium is not installed; `make test` explains how to install it.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture(scope="module")
async def external_s3(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[S3Server]:
    """An S3 server that is not part of the stack."""
    async with running_s3(tmp_path_factory.mktemp("external-s3")) as server:
        yield server


@pytest.fixture
async def stranger(site: Site, chromium: Browser) -> AsyncIterator[Visitor]:
    """The browser of a person without an account."""
    async with visitor(chromium, site.url) as browser:
        yield browser


@pytest.fixture(scope="module")
async def person(site: Site) -> AsyncIterator[Person]:
    async with signed_in(site) as person:
        yield person


@pytest.fixture
async def ada(site: Site, chromium: Browser, person: Person) -> AsyncIterator[Visitor]:
    """A browser in which the person is signed in."""
    async with signed_in_browser(chromium, site.url, person) as browser:
        yield browser


@pytest.fixture
async def project(person: Person) -> str:
    return await person.project()


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of 40 frames, as large as the demo clip."""
    return write_video(tmp_path_factory.mktemp("clip") / CLIP.name, 40, size=(WIDTH, HEIGHT))


@pytest.fixture
async def video(person: Person, project: str, clip: Path) -> str:
    """A new video that is ready to be labeled."""
    media_id = await person.upload(project, clip)
    assert (await person.until_processed(media_id))["state"] == "ready"
    return media_id


@pytest.fixture
async def labeled(person: Person, video: str) -> str:
    """A video with a box on all of its frames."""
    assert {result["status"] for result in await person.edit(video, create())} == {"applied"}
    return video


@pytest.fixture
async def screen(ada: Visitor, video: str) -> LabelingScreen:
    """The labeling screen with the first frame of the medium."""
    return await LabelingScreen.open(ada.page, video)
