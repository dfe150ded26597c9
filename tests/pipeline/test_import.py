"""What left one project as an archive comes into another: the same objects, once, whatever happens meanwhile."""

import asyncio
import io
import json
import zipfile
from pathlib import Path

import pytest

from common.storage.objects import NoSuchObject, Objects, import_key
from tests.media import write_image, write_video
from tests.person import Json, Person, box, create, new_id, signed_in
from tests.stack import Stack

pytestmark = pytest.mark.servers
ENDED = ("done", "failed", "cancelled")
OWN = {"id", "project_id", "media_id", "mission", "author", "created_at", "revision", "preferred_at"}
# What COCO cannot say of an object that it can hold.
NOT_IN_COCO = {"source", "keyframes"}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("files")
    return [write_video(folder / "street 1.mp4", 40), write_image(folder / "corner.png")]


async def project_with(person: Person, files: list[Path]) -> tuple[str, list[str]]:
    """A project with a video and an image."""
    project = await person.project()
    media = [await person.upload(project, path, "video" if path.suffix == ".mp4" else "image") for path in files]
    for one in media:
        assert (await person.until_processed(one))["state"] == "ready"
    return project, media


@pytest.fixture(scope="module")
async def labeled(ada: Person, files: list[Path]) -> str:
    """A project whose media have objects of many kinds, on keyframes and spans, of classes that others lack."""
    project, (video, image) = await project_with(ada, files)
    mission = (await ada.ask("GET", f"/projects/{project}/missions"))["items"][0]
    mission["categories"].append(
        {
            "name": "Tram/No 9",
            "color": "#112233",
            "types": [{"name": "long"}],
            "attributes": [{"name": "seats", "kind": "number"}, {"name": "lit", "kind": "bool", "mutable": True}],
        }
    )
    await ada.ask("POST", f"/projects/{project}/missions", json=mission)
    for media_id, edits in ((video, moving()), (image, still())):
        results = await ada.edit(media_id, *edits)
        assert {result["status"] for result in results} == {"applied"}, results
    return project


def moving() -> list[Json]:
    tram = create(category="Tram/No 9", x1=1.25, y1=2, x2=30, y2=40.5) | {"type": "long"}
    tram["attributes"] = {"seats": 40.0}
    tram["keyframes"] = [
        {"frame": 3, "geometry": box(1.25, 2, 30, 40.5), "attributes": {"lit": True}},
        {"frame": 9, "geometry": box(11.5, 2, 50, 40.5) | {"rotation": 12.0}, "occluded": True},
        {"frame": 15, "geometry": box(14.5, 2, 53, 40.5), "outside": True},
        {"frame": 22, "geometry": box(20, 2, 60, 40.5), "attributes": {"lit": False}},
    ]
    mask = {"kind": "bitmap", "x": 7, "y": 8, "width": 3, "height": 2, "runs": [1, 4, 1]}
    road = create() | {"keyframes": [{"frame": 5, "geometry": mask}, {"frame": 6, "geometry": mask, "outside": True}]}
    boxes = [create(frame=number, x1=number, y1=5, x2=number + 20.5, y2=25) for number in range(30)]
    return [tram, road, *boxes]


def still() -> list[Json]:
    ring = {"outer": [[10, 10], [60, 12], [40, 50.25]], "holes": []}
    area = create() | {"keyframes": [{"frame": 0, "geometry": {"kind": "polygon", "parts": [ring]}}]}
    return [area, create(category="Pedestrian"), create(category="Pedestrian")]


async def objects(person: Person, project: str, without: frozenset[str] | set[str] = frozenset()) -> list[str]:
    """All objects of a project by what they are, with names instead of ids that belong to the project."""
    missions = {one["id"]: one["name"] for one in (await person.ask("GET", f"/projects/{project}/missions"))["items"]}
    found = []
    for medium in (await person.ask("GET", f"/projects/{project}/media"))["items"]:
        for one in await person.objects(medium["id"]):
            labels = {name: value for name, value in one.items() if name not in OWN | without}
            found.append(json.dumps([medium["name"], missions[one["mission"]], labels], sort_keys=True))
    return sorted(found)


async def begin(person: Person, project: str, archive: bytes, **asked: str) -> str:
    started = await person.ask("POST", f"/projects/{project}/imports", 201, content=archive, params=asked)
    return str(started["id"])


async def imported(person: Person, project: str, archive: bytes, **asked: str) -> Json:
    """An import when it has ended."""
    import_id = await begin(person, project, archive, **asked)
    return await person.until(f"/imports/{import_id}", lambda found: found["state"] in ENDED)


async def test_an_exported_archive_is_imported_into_another_project_once(
    ada: Person, labeled: str, files: list[Path]
) -> None:
    _, archive = await ada.export(labeled, "ezLabel JSON")
    project, _ = await project_with(ada, files)

    dry = await imported(ada, project, archive, dry_run="true")
    nothing = await objects(ada, project)
    first = await imported(ada, project, archive)
    there = await objects(ada, project)
    second = await imported(ada, project, archive)

    assert nothing == []
    assert (dry["state"], dry["created"], dry["found"], dry["certainty"]) == ("done", 35, "ezLabel JSON", 1.0), dry
    assert (first["state"], first["created"], first["refused"], first["skipped"]) == ("done", 35, 0, []), first
    assert "Object Detection: Tram/No 9" in first["added"]
    assert there == await objects(ada, labeled)
    assert (second["created"], second["unchanged"], second["added"]) == (0, 35, []), second
    assert there == await objects(ada, project)
    assert [found["id"] for found in (await ada.ask("GET", f"/projects/{project}/imports"))["items"]] == [
        second["id"],
        first["id"],
        dry["id"],
    ]


async def test_a_dry_run_is_committed_without_a_second_upload(
    stack: Stack, ada: Person, labeled: str, files: list[Path]
) -> None:
    _, archive = await ada.export(labeled, "ezLabel JSON")
    project, _ = await project_with(ada, files)
    checked = await imported(ada, project, archive, dry_run="true")

    started = await ada.ask("POST", f"/imports/{checked['id']}/commit")
    again = await ada.ask("POST", f"/imports/{checked['id']}/commit")
    done = await ada.until(f"/imports/{checked['id']}", lambda found: found["state"] in ENDED)
    late = await ada.ask("POST", f"/imports/{checked['id']}/commit")

    assert checked["kept_until"]
    assert started["id"] == again["id"] == checked["id"]
    assert (done["state"], done["dry_run"], done["created"], done["kept_until"]) == ("done", False, 35, None), done
    assert late == done
    assert await objects(ada, project) == await objects(ada, labeled)
    with pytest.raises(NoSuchObject):
        await Objects(stack.servers.s3.url).stat(import_key(project, checked["id"]))


async def test_importing_a_projects_own_archive_changes_nothing(ada: Person, labeled: str) -> None:
    before = await objects(ada, labeled)
    _, archive = await ada.export(labeled, "ezLabel JSON")

    back = await imported(ada, labeled, archive)

    assert (back["state"], back["created"], back["unchanged"]) == ("done", 0, 35), back
    assert await objects(ada, labeled) == before


async def test_coco_keeps_shapes_and_tracks(ada: Person, labeled: str, files: list[Path]) -> None:
    _, archive = await ada.export(labeled, "COCO 1.0")
    project, _ = await project_with(ada, files)

    first = await imported(ada, project, archive)
    second = await imported(ada, project, archive)
    _, again = await ada.export(project, "COCO 1.0")

    assert (first["state"], first["found"], first["created"], first["skipped"]) == ("done", "COCO 1.0", 35, []), first
    assert (second["created"], second["unchanged"]) == (0, 35)
    assert await objects(ada, project, NOT_IN_COCO) == await objects(ada, labeled, NOT_IN_COCO)
    assert rows(again) == rows(archive)


def rows(archive: bytes) -> list[str]:
    """The annotations of a COCO archive, without numbers that say nothing and what keyframes there are."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        document = json.loads(opened.read("annotations/instances_default.json"))
    images = {image["id"]: image["file_name"] for image in document["images"]}
    found = []
    for row in document["annotations"]:
        labels = {name: value for name, value in row["attributes"].items() if name not in ("track_id", "keyframe")}
        where = images[row["image_id"]]
        found.append(json.dumps([where, row["bbox"], row["segmentation"], row["category_id"], labels], sort_keys=True))
    return sorted(found)


async def test_label_files_in_an_external_bucket_are_fetched_and_matched_by_name(
    stack: Stack, ada: Person, files: list[Path]
) -> None:
    project, (video, _) = await project_with(ada, files)
    theirs = Objects(stack.servers.s3.url)
    box = {"category": "Car", "frames": [{"frame": 2, "bbox": [1, 2, 30, 40]}, {"frame": 5, "bbox": [3, 2, 32, 40]}]}
    for name, document in {
        "street 1_00001.json": {"format": "ezlabel-json", "version": 1, "objects": [box]},
        "unknown_00001.json": {"format": "ezlabel-json", "version": 1, "objects": [box]},
    }.items():
        await theirs.put(f"theirs/labels/{name}", json.dumps(document).encode())
    keys = stack.servers.credentials
    source = {
        "endpoint": f"http://127.0.0.1:{stack.servers.s3.ports[0].number}",
        "bucket": theirs.bucket,
        "folder": "theirs/labels",
        "access_key": keys.s3_access_key,
        "secret_key": keys.s3_secret_key,
    }

    started = await ada.ask("POST", f"/projects/{project}/imports/from-s3", 201, json={"source": source})
    done = await ada.until(f"/imports/{started['id']}", lambda found: found["state"] in ENDED)

    assert (done["state"], done["found"], done["created"]) == ("done", "ezLabel JSON", 1), done
    assert [row["where"] for row in done["skipped"]] == ["unknown_00001.json"]
    (made,) = await ada.objects(video)
    assert [key["frame"] for key in made["keyframes"]] == [1, 4]
    assert keys.s3_secret_key not in json.dumps(done)


async def test_a_bad_archive_is_refused_with_a_reason(ada: Person, labeled: str) -> None:
    before = await objects(ada, labeled)
    _, archive = await ada.export(labeled, "ezLabel JSON")

    cut = await imported(ada, labeled, archive[: len(archive) // 2])
    noise = await imported(ada, labeled, b"\x00\x01 nothing of the kind")
    unknown = await imported(ada, labeled, b'{"some": "json"}', name="a.json")

    assert [found["state"] for found in (cut, noise, unknown)] == ["failed"] * 3
    assert cut["reason"]["code"] == "archive_damaged"
    assert noise["reason"]["code"] == "archive_not_supported"
    assert unknown["reason"]["code"] == "format_not_detected"
    assert await objects(ada, labeled) == before


async def test_other_people_cannot_see_an_import(stack: Stack, ada: Person, labeled: str) -> None:
    done = await imported(ada, labeled, b'{"some": "json"}')

    async with signed_in(stack, "Eve") as eve:
        await eve.ask("GET", f"/imports/{done['id']}", 404)
        await eve.ask("DELETE", f"/imports/{done['id']}", 404)
        await eve.ask("POST", f"/projects/{labeled}/imports", 404, content=b"{}")


async def test_formats_list_which_can_be_imported(ada: Person) -> None:
    formats = {one["name"]: one["can_import"] for one in (await ada.ask("GET", "/formats"))["items"]}

    assert formats["ezLabel JSON"]
    assert formats["COCO 1.0"]


async def test_a_service_killed_during_an_import_imports_the_same(stack: Stack, ada: Person, files: list[Path]) -> None:
    source, (video, _) = await project_with(ada, files)
    for _ in range(4):
        edits = [create(new_id(), frame=number % 40, x1=number, y1=1, x2=number + 9, y2=9) for number in range(400)]
        await ada.edit(video, *edits)
    _, archive = await ada.export(source, "ezLabel JSON")
    project, _ = await project_with(ada, files)

    import_id = await begin(ada, project, archive)
    for _ in range(3):
        await asyncio.sleep(0.9)
        await stack.kill("export")
        await stack.revive("export")
    done = await ada.until(f"/imports/{import_id}", lambda found: found["state"] in ENDED, 240)

    assert (done["state"], done["created"], done["unchanged"], done["refused"]) == ("done", 1600, 0, 0), done
    assert await objects(ada, project) == await objects(ada, source)
