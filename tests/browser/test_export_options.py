"""The options of the export dialog: content, format and destination of an archive."""

import io
import json
import zipfile

import pytest
from playwright.async_api import Route, expect

from common.storage.objects import Objects
from deploy.local.s3_server import BUCKET, S3Server
from tests.browser.visitor import WAIT_MS, ExportDialog, Visitor, field_message, only_export
from tests.person import Person, create

pytestmark = [pytest.mark.browser, pytest.mark.servers]


def names_in(archive: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return opened.namelist()


async def test_frames_are_exported_at_an_interval_and_split_into_subsets(
    ada: Visitor, person: Person, project: str, labeled: str
) -> None:
    dialog = await ExportDialog.open(ada.page, project)
    await dialog.fill(File_name="Some2026")
    await dialog.form.get_by_label("Format").select_option("Ultralytics YOLO Detection 1.0")
    await expect(dialog.form.get_by_label("Frame interval of videos")).to_be_hidden()
    await dialog.more()
    await dialog.fill(Frame_interval="8")
    await dialog.form.get_by_label("Split files into subsets").check()
    await dialog.fill(Train="0", Validation="3", Test="0", Seed="7")
    await expect(dialog.form.get_by_text("2 set")).to_be_visible()
    await dialog.start()

    archive = await dialog.download()

    labels = [name for name in names_in(archive) if "labels/" in name and name.endswith(".txt")]
    assert len(labels) == 5
    assert all("val" in name for name in labels), labels
    asked = await only_export(person, project)
    assert asked["split"] == {"train": 0, "val": 3, "test": 0, "seed": 7}
    assert (asked["frame_step"], asked["sources"], asked["classes"]) == (8, None, None)


async def test_an_export_is_limited_to_manual_and_done_objects(
    ada: Visitor, person: Person, project: str, labeled: str
) -> None:
    done = create() | {"done": True}
    await person.edit(labeled, done)
    dialog = await ExportDialog.open(ada.page, project)
    await dialog.fill(File_name="Done2026")
    await dialog.more()
    for source in ("Quick label", "Interpolated", "Model", "Imported"):
        await dialog.form.get_by_label(source).uncheck()
    await dialog.form.get_by_label("Only objects marked as done").check()
    await dialog.form.get_by_label("Unlabeled content").select_option("Skip unlabeled files")
    await dialog.start()

    archive = await dialog.download()

    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        content = " ".join(opened.read(name).decode() for name in opened.namelist() if name.endswith(".json"))
    others = {item["id"] for item in await person.objects(labeled)} - {done["object"]}
    assert done["object"] in content
    assert not any(other in content for other in others)
    asked = await only_export(person, project)
    assert (asked["sources"], asked["done_only"], asked["labeled_only"]) == (["manual"], True, "media")


async def test_invalid_options_are_explained_at_their_fields(
    ada: Visitor, person: Person, project: str, video: str
) -> None:
    dialog = await ExportDialog.open(ada.page, project)
    await dialog.fill(File_name="Night2026")
    await dialog.more()
    await dialog.fill(Frame_interval="0")
    await dialog.form.get_by_label("Split files into subsets").check()
    await dialog.fill(Train="0", Validation="0", Test="0")
    await dialog.start()

    await expect(dialog.form.get_by_label("Frame interval of videos")).to_be_focused()
    await expect(dialog.form.get_by_text("Enter a whole number of 1 or more.")).to_be_visible()
    await expect(dialog.form.get_by_text("Shares can't be negative")).to_be_visible()
    assert (await person.ask("GET", f"/projects/{project}/exports"))["items"] == []


async def test_a_project_without_files_cannot_be_exported(ada: Visitor, project: str) -> None:
    dialog = await ExportDialog.open(ada.page, project)

    await expect(dialog.form.get_by_role("alert")).to_have_text("This project has no ready files yet.")
    await expect(dialog.form.get_by_role("button", name="Export", exact=True)).to_be_disabled()


async def test_an_invalid_bucket_is_explained_at_its_fields(
    ada: Visitor, person: Person, project: str, labeled: str
) -> None:
    dialog = await ExportDialog.open(ada.page, project, where="Amazon S3")
    await dialog.fill(File_name="Night2026")
    await dialog.start()
    await expect(dialog.form.get_by_text("This field is required.")).to_have_count(4)
    await dialog.fill(Endpoint="https://s3.example.org/path", Bucket="My Bucket", Folder="a/../b")
    await dialog.fill(Access_key="key", Secret_key="secret")
    await dialog.start()

    await expect(field_message(dialog.form, "Endpoint")).to_contain_text("Enter the address of an S3 endpoint")
    await expect(field_message(dialog.form, "Bucket")).to_contain_text("Enter a bucket name")
    await expect(field_message(dialog.form, "Folder (optional)")).to_contain_text("“..”")
    await dialog.fill(Endpoint="http://169.254.169.254", Bucket="bucket", Folder="")
    await dialog.start()
    await expect(field_message(dialog.form, "Endpoint")).to_contain_text("is not a public address")
    await expect(dialog.form.get_by_label("Secret key")).to_have_value("secret")
    assert (await person.ask("GET", f"/projects/{project}/exports"))["items"] == []


async def test_an_archive_is_written_to_an_external_bucket_and_its_keys_are_not_shown(
    ada: Visitor, person: Person, project: str, labeled: str, external_s3: S3Server
) -> None:
    keys, endpoint = external_s3.credentials, f"http://127.0.0.1:{external_s3.ports[0].number}"
    dialog = await ExportDialog.open(ada.page, project, where="Amazon S3")
    await dialog.fill(File_name="Sent2026", Endpoint=endpoint, Bucket=BUCKET, Folder="exports")
    await dialog.fill(Access_key=keys.s3_access_key, Secret_key=keys.s3_secret_key)
    await dialog.start()

    await expect(dialog.form.get_by_text("Uploaded to S3")).to_be_visible(timeout=WAIT_MS)
    await expect(dialog.form.get_by_text(f"{endpoint}/{BUCKET}/exports/Sent2026.zip")).to_be_visible()
    await expect(dialog.form.get_by_role("link", name="Download")).to_have_count(0)
    assert names_in(await Objects(external_s3.url).get("exports/Sent2026.zip"))
    assert keys.s3_secret_key not in json.dumps(await only_export(person, project))
    assert keys.s3_secret_key not in await ada.page.content()


async def test_only_export_formats_are_offered(ada: Visitor, project: str) -> None:
    async def add_import_format(route: Route) -> None:
        formats = await (answer := await route.fetch()).json()
        formats["items"].append({"name": "Reading 1.0", "can_export": False, "can_import": True, "cannot_carry": []})
        await route.fulfill(response=answer, json=formats)

    await ada.page.route("**/api/v1/formats", add_import_format)
    dialog = await ExportDialog.open(ada.page, project)

    offered = await dialog.form.get_by_label("Format").locator("option").all_text_contents()
    assert "COCO 1.0" in offered
    assert "Reading 1.0" not in offered


async def test_losses_are_listed_with_their_counts(ada: Visitor, project: str, labeled: str) -> None:
    dialog = await ExportDialog.open(ada.page, project)
    await dialog.fill(File_name="Lossy2026")
    await dialog.form.get_by_label("Format").select_option("YOLO 1.1")
    await dialog.start()

    row = dialog.form.get_by_role("listitem").filter(has_text="Tracks: which shapes are the same object")
    await expect(row).to_contain_text("× 1", timeout=WAIT_MS)
