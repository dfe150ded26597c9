"""Signing up and logging in."""

import re
import secrets

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Site
from tests.browser.visitor import Visitor
from tests.person import link_in_mail

pytestmark = [pytest.mark.browser, pytest.mark.servers]
PASSWORD = "correct horse battery"


async def test_a_new_user_signs_up_verifies_the_email_and_logs_in(stranger: Visitor, site: Site) -> None:
    page, email = stranger.page, f"ada-{secrets.token_hex(4)}@example.org"

    await page.goto("/")
    await page.get_by_role("link", name="Sign up", exact=True).click()
    await page.get_by_role("button", name="Agree").click()
    await page.get_by_label("User name").fill("Ada 愛達")
    await page.get_by_label("Email").fill(email)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_label("Confirm password").fill("something else")
    await expect(page.get_by_text("The passwords don't match.")).to_be_visible()
    await page.get_by_label("Confirm password").fill(PASSWORD)
    await page.locator("form").get_by_role("button", name="Sign up").click()
    await expect(page.get_by_role("status").filter(has_text="check your spam folder")).to_be_visible()

    await log_in(stranger, email, PASSWORD)
    await expect(page.get_by_role("alert")).to_contain_text("Verify your email first")
    await page.goto(link_in_mail(site, email))
    await expect(page.get_by_role("heading", name="Email verified")).to_be_visible()
    await page.goto(link_in_mail(site, email))
    await expect(page.get_by_text("already verified")).to_be_visible()
    await log_in(stranger, email, PASSWORD)

    await expect(page).to_have_url(re.compile("/projects$"))
    await expect(page.get_by_text("No projects yet")).to_be_visible()


async def test_a_wrong_password_stays_on_the_page(stranger: Visitor) -> None:
    await log_in(stranger, "unknown@example.org", "not the password")

    await expect(stranger.page.get_by_role("alert")).to_contain_text("The email or password is wrong")
    await expect(stranger.page.get_by_label("Email")).to_have_value("unknown@example.org")


async def test_a_page_for_members_asks_to_log_in_first(stranger: Visitor) -> None:
    await stranger.page.goto("/projects/some-project")

    await expect(stranger.page).to_have_url(re.compile(r"/login\?next="))


async def test_the_language_can_be_changed(stranger: Visitor) -> None:
    await stranger.page.goto("/")
    await stranger.page.get_by_label("Language").select_option("zh-TW")
    await stranger.page.reload()

    await expect(stranger.page.get_by_role("link", name="註冊")).to_be_visible()


async def log_in(visitor: Visitor, email: str, password: str) -> None:
    page = visitor.page
    await page.goto("/login")
    await page.get_by_label("Email").fill(email)
    await page.get_by_label("Password").fill(password)
    await page.locator("form").get_by_role("button", name="Log in").click()
