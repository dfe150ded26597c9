"""Dataset versions: publishing, comparing, exporting, setting the current one, deleting."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.visitor import ExportDialog, Visitor, only_export
from tests.person import Person, create

pytestmark = [pytest.mark.browser, pytest.mark.servers]


async def test_a_version_is_published_compared_and_exported_unchanged(
    ada: Visitor, person: Person, project: str, labeled: str
) -> None:
    page = ada.page
    await publish(page, project)
    await expect(page.get_by_role("article", name="V001")).to_contain_text("1 object")
    await person.edit(labeled, create(), create(frame=5))
    await publish(page, project)

    newer = page.get_by_role("article", name="V002")
    await expect(newer).to_contain_text("Current")
    await expect(newer).to_contain_text("Train 80% · Validation 10% · Test 10%")
    await newer.get_by_role("button", name="Compare").click()
    row = page.get_by_role("dialog").get_by_role("row").filter(has_text="Objects")
    await expect(row.get_by_role("cell")).to_have_text(["2", "0", "0"])
    await page.keyboard.press("Escape")

    await page.get_by_role("article", name="V001").get_by_role("button", name="Export").click()
    dialog = ExportDialog(page)
    await expect(dialog.form.get_by_label("Version", exact=True)).to_have_value(re.compile("."))
    await dialog.fill(File_name="Older2026")
    await dialog.start()
    assert await dialog.download()
    await expect(dialog.form).to_contain_text("V001")
    first = (await person.ask("GET", f"/projects/{project}/versions"))["items"][-1]
    assert (await only_export(person, project))["version"] == first["id"]


async def publish(page: Page, project: str) -> None:
    """Publish the next version, split into subsets."""
    await page.goto(f"/projects/{project}/versions")
    await page.get_by_role("button", name="Publish version").click()
    await page.get_by_label("Split files into subsets").check()
    await page.get_by_role("button", name="Publish", exact=True).click()
    await expect(page.get_by_text(re.compile(r"^V\d+ published\.$"))).to_be_visible()
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_a_version_is_made_current_and_deleted(ada: Visitor, person: Person, project: str, labeled: str) -> None:
    for _ in range(2):
        await person.ask("POST", f"/projects/{project}/versions", json={})
    page = ada.page
    await page.goto(f"/projects/{project}/versions")

    older, newer = (page.get_by_role("article", name=name) for name in ("V001", "V002"))
    await older.get_by_role("button", name="Set as current").click()
    await expect(older).to_contain_text("Current")
    await expect(newer.get_by_role("button", name="Set as current")).to_be_visible()
    await newer.get_by_role("button", name="Delete V002").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    await expect(newer).to_have_count(0)

    left = (await person.ask("GET", f"/projects/{project}/versions"))["items"]
    assert [(version["name"], version["is_current"]) for version in left] == [("V001", True)]
