"""The API reference: served from here alone, under the same content policy as the application."""

import pytest
from playwright.async_api import expect

from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.servers]


async def test_an_operation_is_found_and_tried_with_the_session(ada: Visitor) -> None:
    page, errors, hosts = ada.page, list[str](), set[str]()
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))

    await page.goto("/api/docs")
    await page.locator('[data-path="/api/v1/me"]').click()
    await page.get_by_role("button", name="Try it out").click()
    await page.get_by_role("button", name="Execute").click()

    await expect(page.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")
    assert errors == []
    assert len(hosts) == 1
