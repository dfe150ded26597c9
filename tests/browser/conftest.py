"""The product in a real browser: Chromium without a window, against a running stack or one of its own."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from deploy.local.chromium import find_chromium
from tests.browser.visitor import Visitor, visitor
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
    """The stack at TRACKLANE_TEST_URL with its TRACKLANE_HOME, or a stack that lives as long as the tests."""
    if url := os.environ.get("TRACKLANE_TEST_URL"):
        yield Site(url.rstrip("/"), Path(os.environ["TRACKLANE_HOME"]))
        return
    async with running_stack(tmp_path_factory.mktemp("browser")) as stack:
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


@pytest.fixture
async def stranger(site: Site, chromium: Browser) -> AsyncIterator[Visitor]:
    """Somebody who has no account."""
    async with visitor(chromium, site.url) as someone:
        yield someone
