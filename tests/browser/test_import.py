"""Importing label files: dry runs, imports, errors, cancelling."""

import json
import re
import zipfile
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, Route, expect

from common.storage.objects import Objects
from deploy.local.s3_server import BUCKET, S3Server
from tests.browser.visitor import WAIT_MS, ProjectDialog, Visitor, field_message, fill_in
from tests.person import Json, Person

pytestmark = [pytest.mark.browser, pytest.mark.servers]


class ImportDialog(ProjectDialog):
    """The import dialog."""

    title = "Import annotations"
    page_path = "/imports"

    async def choose(self, file: Path) -> None:
        await self.form.locator("input[type=file]").set_input_files(file)

    async def press(self, name: str) -> None:
        await self.form.get_by_role("button", name=name).click()

    async def counts(self, **expected: int) -> None:
        """Wait for the report with these numbers by caption; underscores are spaces."""
        for name, count in expected.items():
            words = self.form.page.get_by_text(name.replace("_", " "), exact=True)
            tile = self.form.locator("dl > div").filter(has=words)
            await expect(tile.locator("dd")).to_have_text(str(count), timeout=WAIT_MS)


def coco(folder: Path, frames: int = 3, unknown: int = 0, name: str = "labels.json") -> Path:
    """A COCO file with a box of a new class on the first frames of the video, and on images that the project lacks."""
    names = [f"clip.mp4/frame_{frame:06d}.jpg" for frame in range(frames)]
    names += [f"elsewhere/image_{number}.png" for number in range(unknown)]
    images = [{"id": at, "file_name": name, "width": 640, "height": 360} for at, name in enumerate(names, 1)]
    boxes: list[Json] = [
        {"id": image["id"], "image_id": image["id"], "category_id": 1, "bbox": [10, 20, 80, 60]} for image in images
    ]
    categories = [{"id": 1, "name": "Street sweeper"}]
    path = folder / name
    path.write_text(json.dumps({"images": images, "categories": categories, "annotations": boxes}))
    return path


async def imports_of(person: Person, project: str) -> list[Json]:
    imports: list[Json] = (await person.ask("GET", f"/projects/{project}/imports"))["items"]
    return imports


async def test_a_file_is_imported_after_a_dry_run(
    ada: Visitor, person: Person, project: str, video: str, tmp_path: Path
) -> None:
    dialog = await ImportDialog.open(ada.page, project)
    await dialog.choose(coco(tmp_path, unknown=205))
    await dialog.press("Check first")

    await dialog.counts(To_be_created=3, Already_present=0, Rejected=0, Skipped=205)
    await expect(dialog.form).to_contain_text(re.compile(r"Detected COCO 1.0 \(\d+% confidence\)"))
    await expect(dialog.form.get_by_role("region", name="added")).to_contain_text("Street sweeper")
    rows = dialog.form.get_by_role("region", name="Not imported")
    await expect(rows).to_contain_text("first 200 of 205 rows")
    await expect(rows.get_by_role("listitem")).to_have_count(200)
    await expect(rows.get_by_role("listitem").first).to_contain_text("No file in this project has this name.")
    assert await person.objects(video) == []

    await dialog.press("Import now")
    await dialog.counts(Created=3, Skipped=205)
    assert len(await person.objects(video)) == 3
    await dialog.form.get_by_role("button", name="Close").last.click()
    listed = ada.page.get_by_role("article")
    await expect(listed).to_have_count(1)
    await expect(listed).to_contain_text("3 created")

    await dialog.pick("Local storage")
    await dialog.choose(coco(tmp_path, unknown=205))
    await dialog.press("Check first")
    await dialog.counts(To_be_created=0, Already_present=3)
    await expect(dialog.form.get_by_role("button", name="Import now")).to_have_count(0)


async def test_a_dry_run_is_imported_from_the_list(
    ada: Visitor, person: Person, project: str, video: str, tmp_path: Path
) -> None:
    dialog = await ImportDialog.open(ada.page, project)
    await dialog.choose(coco(tmp_path))
    await dialog.press("Check first")
    await dialog.counts(To_be_created=3)
    await dialog.form.get_by_role("button", name="Close").last.click()

    listed = ada.page.get_by_role("article")
    await expect(listed).to_contain_text("3 to be created")
    await listed.get_by_role("button", name="Import now").click()

    await expect(listed).to_contain_text("3 created", timeout=WAIT_MS)
    await expect(listed.get_by_role("button", name="Import now")).to_have_count(0)
    assert len(await person.objects(video)) == 3


async def test_an_import_uses_the_selected_format_mission_and_files(
    ada: Visitor, person: Person, project: str, video: str, tmp_path: Path
) -> None:
    dialog = await ImportDialog.open(ada.page, project)
    await dialog.choose(coco(tmp_path))
    await dialog.form.get_by_label("Format").select_option("COCO 1.0")
    await dialog.form.get_by_label("Mission").select_option("Road Segmentation")
    await dialog.form.get_by_text("More options").click()
    await dialog.form.get_by_label("All").uncheck()
    await expect(dialog.form.get_by_text("Select at least one file.")).to_be_visible()
    await expect(dialog.form.get_by_role("button", name="Check first")).to_be_disabled()
    await dialog.form.get_by_label("clip.mp4", exact=True).check()
    await dialog.press("Import now")
    await dialog.counts(Created=3)

    asked = (await imports_of(person, project))[0]
    missions = (await person.ask("GET", f"/projects/{project}/missions"))["items"]
    mission_id = next(mission["id"] for mission in missions if mission["name"] == "Road Segmentation")
    assert (asked["format"], asked["mission"], asked["dry_run"], asked["add_classes"]) == (
        "COCO 1.0",
        mission_id,
        False,
        True,
    )
    assert {item["mission"] for item in await person.objects(video)} == {mission_id}


async def test_an_unreadable_file_is_refused_with_a_reason(
    ada: Visitor, project: str, video: str, tmp_path: Path
) -> None:
    unsafe, unknown_format = tmp_path / "unsafe.zip", tmp_path / "unknown_format.json"
    with zipfile.ZipFile(unsafe, "w") as archive:
        archive.writestr("../../outside.json", "{}")
    unknown_format.write_text('{"hello": "world"}')

    dialog = await ImportDialog.open(ada.page, project)
    for file, reason in ((unsafe, "unpacked outside its folder"), (unknown_format, "could not be detected")):
        await dialog.choose(file)
        await dialog.press("Import now")
        await expect(dialog.form.get_by_role("alert")).to_contain_text(reason, timeout=WAIT_MS)
        await dialog.press("Back")
        await expect(dialog.form.get_by_text(file.name)).to_be_visible()
        await dialog.press(f"Remove {file.name}")

    await expect(dialog.form.get_by_role("button", name="Import now")).to_be_disabled()
    await dialog.form.get_by_role("button", name="Close").last.click()
    await expect(ada.page.get_by_role("article").first).to_contain_text("could not be detected")


async def test_an_upload_shows_its_progress_and_can_be_cancelled(
    ada: Visitor, person: Person, project: str, video: str, tmp_path: Path
) -> None:
    large = tmp_path / "large.zip"
    large.write_bytes(bytes(4_000_000))
    page = ada.page
    dialog = await ImportDialog.open(page, project)
    await slow_down(page)
    await dialog.choose(large)
    await dialog.press("Check first")

    await expect(progress_of(dialog.form)).to_have_attribute("aria-valuenow", re.compile(r"^[1-9]\d?$"))
    await dialog.press("Continue in background")
    await page.get_by_role("button", name="Uploading").click()
    await expect(progress_of(dialog.form)).to_be_visible()
    await dialog.press("Cancel")
    await expect(dialog.form.get_by_text("large.zip")).to_be_visible()
    await expect(dialog.form.get_by_role("button", name="Check first")).to_be_enabled()

    assert await imports_of(person, project) == []


def progress_of(form: Locator) -> Locator:
    return form.get_by_role("progressbar", name="Uploading the label file")


async def slow_down(page: Page) -> None:
    """Limit uploads to 200 kB/s."""
    session = await page.context.new_cdp_session(page)
    limits = {"offline": False, "latency": 20, "downloadThroughput": 2_000_000, "uploadThroughput": 200_000}
    await session.send("Network.enable")
    await session.send("Network.emulateNetworkConditions", limits)


async def test_an_upload_repeated_after_a_lost_response_is_imported_once(
    ada: Visitor, person: Person, project: str, video: str, tmp_path: Path
) -> None:
    dialog = await ImportDialog.open(ada.page, project)
    await dialog.choose(coco(tmp_path))
    await import_twice(dialog, re.compile(r"/imports\?"))

    await dialog.counts(Created=3)
    assert len(await imports_of(person, project)) == 1
    assert len(await person.objects(video)) == 3


async def import_twice(dialog: ImportDialog, url: str | re.Pattern[str]) -> None:
    """Start an import whose response is lost, then start it again."""

    async def lose_response(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await dialog.page.route(url, lose_response)
    await dialog.press("Import now")
    await expect(dialog.form.get_by_role("alert")).to_contain_text("Can't reach the server")
    await dialog.page.unroute(url)
    await dialog.press("Import now")


async def test_imports_of_others_appear_in_the_list(
    ada: Visitor, person: Person, project: str, video: str, tmp_path: Path
) -> None:
    await ada.page.goto(f"/projects/{project}/imports")
    await expect(ada.page.get_by_text("No imports yet")).to_be_visible()

    content = coco(tmp_path, unknown=2).read_bytes()
    await person.ask("POST", f"/projects/{project}/imports", params={"name": "night.json"}, content=content)

    row = ada.page.get_by_role("article")
    await expect(row).to_contain_text("3 created", timeout=WAIT_MS)
    await row.get_by_text("2 rows not imported").click()
    await expect(row.get_by_role("region", name="Not imported")).to_contain_text("elsewhere/image_0.png")


async def test_only_one_file_can_be_dropped(ada: Visitor, project: str, tmp_path: Path) -> None:
    dialog = await ImportDialog.open(ada.page, project)

    await dialog.form.get_by_role("group", name="Label file").evaluate(
        """(target) => {
          const files = new DataTransfer();
          for (const name of ["a.json", "b.json"]) files.items.add(new File(["{}"], name));
          target.dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true }));
        }"""
    )

    await expect(dialog.form.get_by_role("alert")).to_contain_text("one file at a time.")


async def labels_in(server: S3Server, folder: str) -> dict[str, str]:
    """Store label files of the video and of an unknown file in the bucket; returns the fields of the dialog."""
    box = {"category": "Street sweeper", "frames": [{"frame": 2, "bbox": [10, 20, 80, 60]}]}
    content = json.dumps({"format": "ezlabel-json", "version": 1, "objects": [box]}).encode()
    for name in ("clip_00001.json", "unknown_00001.json"):
        await Objects(server.url).put(f"{folder}/{name}", content)
    return {
        "Endpoint": f"http://127.0.0.1:{server.ports[0].number}",
        "Bucket": BUCKET,
        "Folder": folder,
        "Access_key": server.credentials.s3_access_key,
        "Secret_key": server.credentials.s3_secret_key,
    }


async def test_a_folder_of_an_external_bucket_is_imported_after_a_dry_run(
    ada: Visitor, person: Person, project: str, video: str, external_s3: S3Server
) -> None:
    fields = await labels_in(external_s3, "labels/first half")
    dialog = await ImportDialog.open(ada.page, project, where="Amazon S3")
    await fill_in(dialog.form, **fields)
    await dialog.press("Check first")

    await dialog.counts(To_be_created=1, Skipped=1)
    await expect(dialog.form.get_by_role("region", name="Not imported")).to_contain_text("unknown_00001.json")
    await expect(dialog.form).to_contain_text(f"{BUCKET} / labels / first half")
    assert await person.objects(video) == []

    await dialog.press("Import now")
    await dialog.counts(Created=1, Skipped=1)
    (made,) = await person.objects(video)
    assert [key["frame"] for key in made["keyframes"]][:1] == [1]
    await dialog.form.get_by_role("button", name="Close").last.click()
    listed = ada.page.get_by_role("article")
    await expect(listed).to_have_count(1)
    await expect(listed.first.get_by_title("/ labels / first half")).to_be_visible()
    shown = json.dumps(await imports_of(person, project)) + await ada.page.content()
    assert fields["Secret_key"] not in shown

    await dialog.pick("Amazon S3")
    await expect(dialog.form.get_by_label("Secret key")).to_have_value("")


async def test_invalid_bucket_fields_are_explained_and_can_be_corrected(
    ada: Visitor, person: Person, project: str, video: str, external_s3: S3Server
) -> None:
    fields = await labels_in(external_s3, "keys")
    dialog = await ImportDialog.open(ada.page, project)
    await dialog.form.get_by_label("External S3 bucket").check()
    await dialog.press("Check first")
    await expect(dialog.form.get_by_text("This field is required.")).to_have_count(4)
    await expect(dialog.form.get_by_label("Endpoint")).to_be_focused()
    await fill_in(dialog.form, **fields | {"Bucket": "My Bucket", "Secret_key": "wrong"})
    await dialog.press("Import now")
    await expect(field_message(dialog.form, "Bucket")).to_contain_text("Enter a bucket name")
    assert await imports_of(person, project) == []

    await fill_in(dialog.form, Bucket=BUCKET)
    await dialog.press("Check first")
    refused = dialog.form.get_by_role("alert")
    await expect(refused).to_contain_text("the secret key does not match the access key", timeout=WAIT_MS)
    await dialog.press("Back")
    await expect(dialog.form.get_by_label("Access key")).to_have_value(fields["Access_key"])
    await fill_in(dialog.form, Secret_key=fields["Secret_key"], Folder="keys/clip_00001.json")
    await dialog.press("Import now")

    await dialog.counts(Created=1, Skipped=0)
    assert len(await person.objects(video)) == 1


async def test_an_external_import_repeated_after_a_lost_response_is_imported_once(
    ada: Visitor, person: Person, project: str, video: str, external_s3: S3Server
) -> None:
    dialog = await ImportDialog.open(ada.page, project, where="Amazon S3")
    await fill_in(dialog.form, **await labels_in(external_s3, "twice"))
    await import_twice(dialog, "**/imports/from-s3")

    await dialog.counts(Created=1)
    assert len(await imports_of(person, project)) == 1
    assert len(await person.objects(video)) == 1
