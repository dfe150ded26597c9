"""The labeling screen with other users, offline, after the session expired, and with conflicts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Site
from tests.browser.visitor import WAIT_MS, LabelingScreen, Visitor, signed_in_browser
from tests.person import Json, Person, new_id, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.servers]
EDITS = "**/api/v1/media/*/edits"


@pytest.fixture
async def his(site: Site, chromium: Browser, person: Person, project: str, video: str) -> AsyncIterator[LabelingScreen]:
    """The same medium in the browser of Ben, a labeler of the project."""
    async with signed_in(site, "Ben") as ben, signed_in_browser(chromium, site.url, ben) as browser:
        await person.ask("POST", f"/projects/{project}/members", json={"email": ben.address, "role": "labeler"})
        yield await LabelingScreen.open(browser.page, video)


@asynccontextmanager
async def offline(visitor: Visitor) -> AsyncIterator[None]:
    """Inside this context, edits do not reach the service."""
    await visitor.context.route(EDITS, lambda route: route.abort())
    yield
    await visitor.context.unroute(EDITS)


async def draw_offline(screen: LabelingScreen) -> None:
    """Draw a box that cannot be sent."""
    await screen.draw((40, 60), (140, 120))
    await expect(screen.state).to_have_text("Offline, 1 unsaved")


async def test_other_users_and_their_boxes_are_shown(screen: LabelingScreen, his: LabelingScreen) -> None:
    await expect(screen.page.get_by_role("button", name="Ben, frame 1")).to_be_visible(timeout=WAIT_MS)

    await screen.draw((40, 60), (140, 120))
    await expect(his.object("Vehicle")).to_have_count(1)
    await his.click(90, 90)
    await his.press("Delete")

    await expect(screen.objects).to_have_count(0)


async def test_offline_edits_survive_a_reload_and_are_sent_later(
    screen: LabelingScreen, ada: Visitor, person: Person, video: str
) -> None:
    async with offline(ada):
        await draw_offline(screen)

        ada.page.on("dialog", lambda dialog: dialog.accept())
        again = await LabelingScreen.open(ada.page, video)
        await expect(again.object("Vehicle")).to_have_count(1)
        await expect(again.state).to_contain_text("1")
    await again.press("s")
    await again.saved()

    assert len(await person.objects(video)) == 1


async def test_an_expired_session_is_renewed_on_the_labeling_screen(
    screen: LabelingScreen, ada: Visitor, person: Person, video: str
) -> None:
    async with offline(ada):
        await draw_offline(screen)
        await ada.context.clear_cookies()

    dialog = ada.page.get_by_role("dialog", name="Your session has expired")
    await dialog.get_by_label("Password").fill("correct horse battery")
    await dialog.get_by_role("button", name="Log in").click()
    await screen.saved()

    assert len(await person.objects(video)) == 1


@pytest.mark.parametrize(("choice", "left"), [("Keep mine", 100), ("Keep theirs", 240)])
async def test_a_conflict_of_two_browsers_shows_both_versions_and_keeps_the_chosen_one(
    screen: LabelingScreen, his: LabelingScreen, ada: Visitor, person: Person, video: str, choice: str, left: float
) -> None:
    await screen.draw((40, 60), (140, 120))
    await expect(his.object("Vehicle")).to_have_count(1)
    await screen.saved()
    async with offline(ada):
        await screen.drag((90, 90), (150, 150))
        await expect(screen.state).to_have_text("Offline, 1 unsaved")
        await his.drag((90, 90), (290, 90))
        await his.saved()
    await screen.press("s")

    question = ada.page.get_by_role("alertdialog")
    await expect(question).to_contain_text("Someone else also changed")
    await question.get_by_role("button", name=choice).click()
    await screen.saved()

    [resolved] = await person.objects(video)
    assert resolved["keyframes"][0]["geometry"]["x1"] == pytest.approx(left, abs=1.5)
    await expect(his.page.get_by_role("alertdialog")).to_have_count(0)


async def test_keeping_edits_of_a_deleted_object_restores_it(
    screen: LabelingScreen, ada: Visitor, person: Person, video: str
) -> None:
    await screen.draw((40, 60), (140, 120))
    await screen.saved()
    [drawn] = await person.objects(video)
    async with offline(ada):
        await screen.press("t")
        await expect(screen.state).to_have_text("Offline, 1 unsaved")
        await person.edit(video, delete(drawn))
    await screen.press("s")

    question = ada.page.get_by_role("alertdialog")
    await expect(question).to_contain_text("Someone else deleted")
    await question.get_by_role("button", name="Keep mine").click()
    await screen.saved()

    [restored] = await person.objects(video)
    assert (restored["done"], restored["keyframes"]) == (True, drawn["keyframes"])


def delete(labeled: Json) -> Json:
    return {"id": new_id(), "object": labeled["id"], "base_revision": labeled["revision"], "verb": "delete"}
