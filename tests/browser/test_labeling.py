"""The labeling screen: frames, boxes, keys, auto-label, and the export at the end."""

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.visitor import CLIP, FRAMES, WAIT_MS, LabelingScreen, Visitor
from tests.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.servers]


@pytest.fixture(scope="session")
def clip() -> Path:
    """Objects that a detector knows, over several groups of frames."""
    return CLIP


async def test_frames_are_stepped_played_and_entered_by_number(screen: LabelingScreen) -> None:
    await screen.step("f", to=2)
    await screen.step("v", to=12)
    await screen.press("c")
    await screen.step("d", to=1)
    await screen.go_to(200)
    await screen.press("Space")
    await screen.on_frame(FRAMES)
    await expect(screen.page.get_by_role("button", name="Play", exact=True)).to_be_visible()


async def test_the_canvas_shows_the_selected_frame(screen: LabelingScreen, person: Person, video: str) -> None:
    """Compare the canvas with the frames that the service decodes; a few grey levels of difference are allowed."""
    for number in (1, 37, 38, 241):
        await screen.go_to(number)
        difference = await screen.page.evaluate(DIFFERENCE, [video, number - 1])
        assert difference < 6, f"frame {number} differs by {difference} grey levels on average"


# The mean difference of grey levels between the canvas and the service's JPEG of the frame, both scaled down.
DIFFERENCE = """async ([media, frame]) => {
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const small = (source, x, y, w, h) => {
    const canvas = new OffscreenCanvas(64, 36);
    const context = canvas.getContext('2d');
    context.drawImage(source, x, y, w, h, 0, 0, 64, 36);
    return context.getImageData(0, 0, 64, 36).data;
  };
  const host = document.querySelector('[data-testid=canvas]');
  const shown = host.querySelector('canvas');
  const scale = Number(host.dataset.scale), ratio = devicePixelRatio;
  const w = 640 * scale * ratio, h = 360 * scale * ratio;
  const seen = small(shown, (shown.width - w) / 2, (shown.height - h) / 2, w, h);
  const response = await fetch(`/api/v1/media/${media}/frames/${frame}`);
  const truth = await createImageBitmap(await response.blob());
  const right = small(truth, 0, 0, truth.width, truth.height);
  let sum = 0;
  for (let at = 0; at < seen.length; at += 4)
    sum += Math.abs(seen[at] + seen[at + 1] + seen[at + 2] - right[at] - right[at + 1] - right[at + 2]) / 3;
  return sum / (seen.length / 4);
}"""


async def test_a_box_is_drawn_classified_moved_deleted_and_restored(
    screen: LabelingScreen, person: Person, video: str
) -> None:
    await screen.draw((40, 60), (140, 120))
    await screen.saved()
    [made] = await person.objects(video)
    missions = (await person.ask("GET", f"/projects/{made['project_id']}/missions"))["items"]
    mission = next(mission for mission in missions if mission["name"] == "Object Detection")
    assert (made["category"], made["mission"]) == ("Vehicle", mission["id"])
    assert made["keyframes"][0]["geometry"] == pytest.approx(
        {"kind": "bbox", "x1": 40, "y1": 60, "x2": 140, "y2": 120, "rotation": 0}, abs=1.5
    )

    await screen.step("v", to=11)
    await screen.drag((90, 90), (190, 140))
    await screen.saved()
    [moved] = await person.objects(video)
    assert [keyframe["frame"] for keyframe in moved["keyframes"]] == [0, 10]
    assert moved["keyframes"][1]["geometry"]["x1"] == pytest.approx(140, abs=1.5)

    await screen.press("Delete")
    await expect(screen.objects).to_have_count(0)
    await screen.saved()
    assert await person.objects(video) == []
    await screen.press("Control+z")
    await expect(screen.objects).to_have_count(1)
    await screen.saved()
    [restored] = await person.objects(video)
    assert restored["keyframes"] == moved["keyframes"]


async def test_an_object_needs_a_category(screen: LabelingScreen) -> None:
    await screen.press("n")
    await screen.drag((40, 60), (140, 120))

    await expect(screen.page.get_by_role("button", name="Confirm")).to_be_disabled()
    await screen.press("Enter")
    await expect(screen.page.get_by_text("Select a category first.")).to_be_visible()
    await expect(screen.objects).to_have_count(0)
    await screen.press("2")
    await expect(screen.object("Pedestrian")).to_have_count(1)


async def test_keys_set_keyframes_and_states_of_an_object(screen: LabelingScreen, person: Person, video: str) -> None:
    await screen.draw((40, 60), (140, 120))
    await screen.step("v", to=11)
    await screen.press("k")
    await screen.step("v", to=21)
    await screen.press("q")
    await screen.step("v", to=31)
    await screen.press("o")
    await screen.press("t")
    await screen.press("4")
    await screen.saved()

    [labeled] = await person.objects(video)
    marks = [(k["frame"], k["outside"], k["occluded"]) for k in labeled["keyframes"]]
    assert marks == [(0, False, False), (10, False, False), (20, False, True), (30, True, True)]
    assert (labeled["done"], labeled["category"]) == (True, "Bicycle")
    await screen.press("k")
    await screen.press("Control+z")
    await screen.press("Control+z")
    await screen.press("Control+z")
    await screen.saved()
    assert len((await person.objects(video))[0]["keyframes"]) == 3


async def test_deleting_all_objects_is_confirmed_and_undone_in_one_step(
    screen: LabelingScreen, person: Person, video: str
) -> None:
    await screen.draw((40, 60), (140, 120))
    await screen.draw((200, 60), (300, 120), "Scooter")
    await screen.draw((400, 60), (500, 120), "Bicycle")
    await screen.press("Escape")

    await screen.page.get_by_role("button", name="Delete all objects").click()
    await screen.page.get_by_role("dialog").get_by_role("button", name="Delete all objects").click()
    await expect(screen.objects).to_have_count(0)
    await screen.saved()
    changes = (await person.ask("GET", f"/media/{video}/changes"))["items"]
    operations = [change["operation"] for change in changes if change["edit"]["verb"] == "delete"]
    assert (len(operations), len(set(operations))) == (3, 1)
    await screen.press("Control+z")

    await expect(screen.objects).to_have_count(3)


async def test_auto_labels_are_shown_and_exported(screen: LabelingScreen, ada: Visitor, project: str) -> None:
    await screen.page.get_by_role("button", name="Auto-label").click()
    await expect(screen.page.get_by_text("Auto-labeling finished.")).to_be_visible(timeout=120_000)
    await expect(screen.object("cat").first).to_contain_text("%", timeout=WAIT_MS)

    archive = await export(ada.page, project)

    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        texts = [json.loads(opened.read(name)) for name in opened.namelist() if name.endswith(".json")]
    assert any("cat" in json.dumps(text) for text in texts)


async def export(page: Page, project: str) -> bytes:
    """The archive with all labels of the project."""
    await page.goto(f"/projects/{project}")
    await page.get_by_role("button", name="Local storage").last.click()
    await page.get_by_label("Format").select_option("COCO 1.0")
    losses = page.get_by_role("region", name="Not stored in COCO 1.0")
    await expect(losses.get_by_role("listitem").first).to_have_text("Polylines")
    await losses.get_by_role("button", name=re.compile("more")).click()
    await expect(losses.get_by_text("Circles (exported as polygons)")).to_be_visible()
    await page.get_by_label("Format").select_option("ezLabel JSON")
    await expect(losses).to_have_count(0)
    await page.get_by_label("File name").fill("夜")
    await page.get_by_role("button", name="Export", exact=True).click()
    await expect(page.get_by_text("Use only letters A–Z and digits")).to_be_visible()
    await page.get_by_label("File name").fill("Night2026")
    await page.get_by_role("button", name="Export", exact=True).click()
    async with page.expect_download(timeout=60_000) as waiting:
        await page.get_by_role("dialog").get_by_role("link", name="Download").click(timeout=60_000)
    download = await waiting.value
    assert download.suggested_filename == "Night2026.zip"
    return (await download.path()).read_bytes()
