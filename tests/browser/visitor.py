"""A browser with the pages and dialogs that the tests use."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Self

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from tests.person import Json, Person

CLIP = Path(__file__).parents[2] / "deploy/local/demo/clip.mp4"
# The size of all videos and the length of the demo clip, which the canvas shows fitted and centered.
WIDTH, HEIGHT, FRAMES = 640, 360, 250
WAIT_MS = 30_000


@dataclass
class Visitor:
    """A browser profile; `errors` has the script errors of its pages."""

    context: BrowserContext
    page: Page
    errors: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.errors.append(str(error)))


@asynccontextmanager
async def visitor(browser: Browser, url: str) -> AsyncIterator[Visitor]:
    """A new browser profile. A script error on any of its pages fails the test."""
    context = await browser.new_context(base_url=url, viewport={"width": 1366, "height": 768}, locale="en-GB")
    context.set_default_timeout(WAIT_MS)
    profile = Visitor(context, await context.new_page())
    profile.watch(profile.page)
    context.on("page", profile.watch)
    try:
        yield profile
    finally:
        await context.close()
    assert not profile.errors, profile.errors


@asynccontextmanager
async def signed_in_browser(browser: Browser, url: str, person: Person) -> AsyncIterator[Visitor]:
    """A browser in which the person is signed in."""
    async with visitor(browser, url) as profile:
        cookies = [{"name": c.name, "value": c.value or "", "url": url} for c in person.http.cookies.jar]
        await profile.context.add_cookies(cookies)  # type: ignore[arg-type]
        yield profile


class LabelingScreen:
    """The labeling screen of one medium."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.canvas = page.get_by_test_id("canvas")
        self.state = page.get_by_test_id("save-state")
        self.objects = page.get_by_role("list", name="Objects").get_by_role("listitem")

    @classmethod
    async def open(cls, page: Page, media_id: str, mission: str = "Object Detection") -> "LabelingScreen":
        """Choose the mission and wait for the first frame."""
        await page.goto(f"/label/{media_id}")
        await page.get_by_text(mission, exact=True).click()
        await page.get_by_role("button", name="Start labeling").click()
        screen = cls(page)
        await screen.on_frame(1)
        return screen

    async def on_frame(self, number: int) -> None:
        """Wait until this frame, numbered from 1, is displayed."""
        await expect(self.canvas).to_have_attribute("data-frame", str(number - 1), timeout=WAIT_MS)

    async def step(self, key: str, to: int) -> None:
        """Press a key and wait for the frame that it leads to."""
        await self.press(key)
        await self.on_frame(to)

    async def go_to(self, number: int) -> None:
        """Enter the number of a frame and wait for it."""
        await self.press("g")
        await self.page.keyboard.type(str(number))
        await self.step("Enter", to=number)

    async def saved(self) -> None:
        """Wait until all edits are saved."""
        await expect(self.state).to_have_text("Saved", timeout=WAIT_MS)

    async def at(self, x: float, y: float) -> tuple[float, float]:
        """The position of a pixel of the frame on the screen."""
        bounds = await self.canvas.bounding_box()
        assert bounds is not None
        scale = float(await self.canvas.get_attribute("data-scale") or 1)
        left = bounds["x"] + (bounds["width"] - WIDTH * scale) / 2
        top = bounds["y"] + (bounds["height"] - HEIGHT * scale) / 2
        return left + x * scale, top + y * scale

    async def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Drag from one pixel of the frame to another."""
        await self.page.mouse.move(*await self.at(*start))
        await self.page.mouse.down()
        await self.page.mouse.move(*await self.at((start[0] + end[0]) / 2, (start[1] + end[1]) / 2))
        await self.page.mouse.move(*await self.at(*end))
        await self.page.mouse.up()

    async def draw(self, start: tuple[float, float], end: tuple[float, float], category: str = "Vehicle") -> None:
        """Draw a box, choose its category and confirm."""
        await self.page.keyboard.press("n")
        await self.drag(start, end)
        await self.page.get_by_role("radio", name=re.compile(category)).click()
        await self.page.get_by_role("button", name="Confirm").click()

    async def click(self, x: float, y: float) -> None:
        await self.page.mouse.click(*await self.at(x, y))

    async def press(self, key: str) -> None:
        await self.page.keyboard.press(key)

    def object(self, name: str) -> Locator:
        return self.objects.filter(has_text=name)


class ProjectDialog:
    """A dialog that is opened from the project's menu."""

    title: ClassVar[str]
    page_path: ClassVar[str] = ""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.form = page.get_by_role("dialog", name=self.title)

    @classmethod
    async def open(cls, page: Page, project: str, where: str = "Local storage") -> Self:
        """Open the dialog on its page of the project."""
        await page.goto(f"/projects/{project}{cls.page_path}")
        dialog = cls(page)
        await dialog.pick(where)
        return dialog

    async def pick(self, where: str) -> None:
        """Open the dialog from its group in the menu."""
        await self.page.get_by_role("group", name=self.title).get_by_role("button", name=where).click()


class ExportDialog(ProjectDialog):
    """The export dialog."""

    title = "Export data"

    async def pick(self, where: str) -> None:
        """Open the dialog and wait for the formats."""
        await super().pick(where)
        await expect(self.form.get_by_label("Format").locator("option").first).to_be_attached()

    async def fill(self, **values: str) -> None:
        await fill_in(self.form, **values)

    async def more(self) -> None:
        await self.form.get_by_text("More options").click()

    async def start(self) -> None:
        await self.form.get_by_role("button", name="Export", exact=True).click()

    async def download(self) -> bytes:
        """The archive that the browser downloads."""
        async with self.page.expect_download(timeout=WAIT_MS) as waiting:
            await self.form.get_by_role("link", name="Download").click(timeout=WAIT_MS)
        return (await (await waiting.value).path()).read_bytes()


async def fill_in(form: Locator, **values: str) -> None:
    """Fill in fields by the first words of their labels; underscores are spaces."""
    for name, value in values.items():
        await form.get_by_label(re.compile(f"^{name.replace('_', ' ')}", re.IGNORECASE)).fill(value)


def field_message(form: Locator, label: str) -> Locator:
    """The message below a field."""
    return form.locator(".field").filter(has=form.page.get_by_label(label, exact=True)).locator("p")


async def only_export(person: Person, project: str) -> Json:
    """The single export of a project."""
    exports: list[Json] = (await person.ask("GET", f"/projects/{project}/exports"))["items"]
    assert len(exports) == 1
    return exports[0]
