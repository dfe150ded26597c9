"""The labeling screen with other people in it, and on bad days: offline, signed out, in conflict."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Site
from tests.browser.visitor import SOON_MS, LabelingScreen, Visitor, at_work
from tests.person import Json, Person, new_id, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.servers]
EDITS = "**/api/v1/media/*/edits"


@pytest.fixture
async def his(site: Site, chromium: Browser, person: Person, project: str, video: str) -> AsyncIterator[LabelingScreen]:
    """The same medium in the browser of Ben, a labeler of the project."""
    async with signed_in(site, "Ben") as ben, at_work(chromium, site.url, ben) as browser:
        await person.ask("POST", f"/projects/{project}/members", json={"email": ben.address, "role": "labeler"})
        yield await LabelingScreen.open(browser.page, video)


async def test_a_second_person_sees_a_box_and_who_is_there(screen: LabelingScreen, his: LabelingScreen) -> None:
    await expect(screen.page.get_by_role("button", name="Ben, frame 1")).to_be_visible(timeout=SOON_MS)

    await screen.draw((40, 60), (140, 120))
    await expect(his.object("Vehicle")).to_have_count(1)
    await his.click(90, 90)
    await his.press("Delete")

    await expect(screen.objects).to_have_count(0)


async def test_work_done_offline_survives_a_reload_and_goes_up_later(
    screen: LabelingScreen, ada: Visitor, person: Person, video: str
) -> None:
    await ada.context.route(EDITS, lambda route: route.abort())
    await screen.draw((40, 60), (140, 120))
    await expect(screen.state).to_have_text("Offline, 1 unsaved")

    ada.page.on("dialog", lambda dialog: dialog.accept())
    again = await LabelingScreen.open(ada.page, video)
    await expect(again.object("Vehicle")).to_have_count(1)
    await expect(again.state).to_contain_text("1")
    await ada.context.unroute(EDITS)
    await again.press("s")
    await again.saved()

    assert len(await person.objects(video)) == 1


async def test_a_session_that_is_over_is_renewed_in_place(
    screen: LabelingScreen, ada: Visitor, person: Person, video: str
) -> None:
    # Whatever the screen asks for next opens the dialog; until then the work waits here.
    await ada.context.route(EDITS, lambda route: route.abort())
    await screen.draw((40, 60), (140, 120))
    await expect(screen.state).to_have_text("Offline, 1 unsaved")
    await ada.context.clear_cookies()
    await ada.context.unroute(EDITS)

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
    await ada.context.route(EDITS, lambda route: route.abort())
    await screen.drag((90, 90), (150, 150))
    await expect(screen.state).to_have_text("Offline, 1 unsaved")
    await his.drag((90, 90), (290, 90))
    await his.saved()
    await ada.context.unroute(EDITS)
    await screen.press("s")

    question = ada.page.get_by_role("alertdialog")
    await expect(question).to_contain_text("Someone else also changed")
    await question.get_by_role("button", name=choice).click()
    await screen.saved()

    [kept] = await person.objects(video)
    assert kept["keyframes"][0]["geometry"]["x1"] == pytest.approx(left, abs=1.5)
    await expect(his.page.get_by_role("alertdialog")).to_have_count(0)


async def test_work_on_an_object_that_someone_deleted_can_bring_it_back(
    screen: LabelingScreen, ada: Visitor, person: Person, video: str
) -> None:
    await screen.draw((40, 60), (140, 120))
    await screen.saved()
    [found] = await person.objects(video)
    await ada.context.route(EDITS, lambda route: route.abort())
    await screen.press("t")
    await expect(screen.state).to_have_text("Offline, 1 unsaved")
    await person.edit(video, delete(found))
    await ada.context.unroute(EDITS)
    await screen.press("s")

    question = ada.page.get_by_role("alertdialog")
    await expect(question).to_contain_text("Someone else deleted")
    await question.get_by_role("button", name="Keep mine").click()
    await screen.saved()

    [back] = await person.objects(video)
    assert (back["done"], back["keyframes"]) == (True, found["keyframes"])


def delete(found: Json) -> Json:
    return {"id": new_id(), "object": found["id"], "base_revision": found["revision"], "verb": "delete"}
