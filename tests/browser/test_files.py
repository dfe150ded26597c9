"""Projects and files: creating, uploading with errors, processing, deleting."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.browser.conftest import Site
from tests.browser.visitor import CLIP, WAIT_MS, Visitor, signed_in_browser
from tests.person import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.servers]


async def new_project(page: Page, name: str = "Streets") -> None:
    await page.goto("/projects")
    await page.get_by_role("button", name="New project").first.click()
    await page.get_by_label("Name").fill(name)
    await page.get_by_role("button", name="Create").click()
    await expect(page.get_by_text("No files yet")).to_be_visible()


async def choose_conditions(page: Page) -> None:
    await page.get_by_label("Weather").select_option("Sunny")
    await page.get_by_label("Lighting").select_option("Day")
    await page.get_by_label("Field of view").select_option("60–90")


async def test_an_uploaded_video_appears_in_the_list(ada: Visitor) -> None:
    page = ada.page
    await new_project(page)

    await page.get_by_role("button", name="Local storage").first.click()
    await page.get_by_label("Files", exact=True).last.set_input_files(CLIP)
    await page.get_by_role("button", name="Upload", exact=True).click()
    await expect(page.get_by_text("Select an option.")).to_have_count(3)
    await choose_conditions(page)
    await page.get_by_role("button", name="Upload", exact=True).click()
    await expect(page.get_by_text("1 file uploaded.")).to_be_visible(timeout=WAIT_MS)
    await expect(page.get_by_role("dialog")).to_have_count(0)

    card = page.get_by_role("article").filter(has_text="clip.mp4")
    await expect(card).to_contain_text("640×360", timeout=WAIT_MS)
    await expect(card).to_contain_text("Unlabeled", timeout=WAIT_MS)
    link = card.get_by_role("link", name="Label clip.mp4")
    await expect(link).to_have_attribute("target", "_blank")


async def test_an_upload_interrupted_by_a_reload_resumes_with_the_missing_parts(ada: Visitor, tmp_path: Path) -> None:
    page, part = ada.page, re.compile(r"/parts/(\d+)$")
    large = tmp_path / "long.mp4"
    large.write_bytes(CLIP.read_bytes() + bytes(20_000_000))
    stored: list[str] = []
    page.on("response", lambda answer: stored.extend(part.findall(answer.url) if answer.ok else []))

    async def pass_first_part(route: Route) -> None:
        await (route.continue_() if route.request.url.endswith("/1") else route.abort())

    await new_project(page)
    await page.route(part, pass_first_part)
    async with page.expect_response(part):
        await upload(page, large)
    page.on("dialog", lambda dialog: dialog.accept())
    await page.reload()
    await page.unroute(part)
    await upload(page, large)
    await expect(page.get_by_text("1 file uploaded.")).to_be_visible(timeout=WAIT_MS)

    assert sorted(stored) == ["1", "2", "3"]


async def upload(page: Page, file: Path) -> None:
    await page.get_by_role("button", name="Local storage").first.click()
    await page.get_by_label("Files", exact=True).last.set_input_files(file)
    await choose_conditions(page)
    await page.get_by_role("button", name="Upload", exact=True).click()


async def test_invalid_files_are_refused_with_reasons_and_the_others_are_uploaded(ada: Visitor, tmp_path: Path) -> None:
    page = ada.page
    (tmp_path / "notes.txt").write_text("no video")
    (tmp_path / "fake.mp4").write_text("this is text in a file with a wrong extension" * 100)
    await new_project(page)

    await page.get_by_role("button", name="Local storage").first.click()
    files = [tmp_path / "notes.txt", tmp_path / "fake.mp4", CLIP]
    await page.get_by_label("Files", exact=True).last.set_input_files(files)
    await choose_conditions(page)
    await expect(page.get_by_text("Not an MP4, MOV, AVI or WMV video.")).to_be_visible()
    await page.get_by_role("button", name="Upload", exact=True).click()

    rows = page.get_by_role("dialog").get_by_role("listitem")
    await expect(rows.filter(has_text="clip.mp4")).to_contain_text("Done", timeout=WAIT_MS)
    await expect(rows.filter(has_text="fake.mp4").locator(".reason")).not_to_be_empty(timeout=WAIT_MS)


async def test_a_deleted_file_is_removed_from_the_list(ada: Visitor, site: Site, chromium: Browser) -> None:
    async with signed_in(site, "Ben") as person, signed_in_browser(chromium, site.url, person) as ben:
        project = await person.project("削除 – a project with quite a long name that does not end soon")
        await person.upload(project, CLIP)
        await ben.page.goto(f"/projects/{project}")
        await ben.page.get_by_role("button", name="Delete clip.mp4").click()
        await ben.page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()

        await expect(ben.page.get_by_text("No files yet")).to_be_visible()


async def test_filters_narrow_the_list(ada: Visitor, site: Site, chromium: Browser) -> None:
    async with signed_in(site, "Cy") as person, signed_in_browser(chromium, site.url, person) as cy:
        project = await person.project()
        await person.upload(project, CLIP)
        await cy.page.goto(f"/projects/{project}")
        await expect(cy.page.get_by_role("article")).to_have_count(1)
        await cy.page.get_by_label("Search by name").fill("nothing like it")
        await expect(cy.page.get_by_text("No matching files")).to_be_visible()
        await cy.page.get_by_label("Search by name").fill("CLIP")
        await expect(cy.page.get_by_role("article")).to_have_count(1)
        await cy.page.get_by_label("Type").select_option("image")

        await expect(cy.page.get_by_text("No matching files")).to_be_visible()
        await expect(cy.page).to_have_url(re.compile(f"/projects/{project}$"))
