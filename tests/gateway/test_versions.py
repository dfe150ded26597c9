"""Dataset versions over HTTP."""

from typing import Any

import pytest

from common.contract import questions
from tests.gateway.conftest import Person
from tests.gateway.stub_services import StubServices
from tests.gateway.test_exports import export

pytestmark = pytest.mark.servers


def version(project: str, **more: Any) -> questions.DatasetVersion:
    given: dict[str, Any] = {
        "id": f"v-{project}",
        "project_id": project,
        "number": 1,
        "name": "V001",
        "media": 2,
        "objects": 3,
        "sha256": "0" * 64,
        "author": "ada",
        "created_at": 0.0,
    }
    return questions.DatasetVersion(**given | more)


async def test_a_version_is_published_listed_made_current_and_deleted(
    ada: Person, services: StubServices, project: str
) -> None:
    known = version(project, is_current=True)
    for question in (
        questions.PublishVersion,
        questions.GetVersion,
        questions.SetCurrentVersion,
        questions.DeleteVersion,
    ):
        await services.answer(question, known)
    await services.answer(questions.ListVersions, questions.VersionList(items=[known], next_cursor="1"))

    made = await ada.http.post(f"/projects/{project}/versions", json={"split": {"train": 3, "val": 1, "test": 0}})
    listed = await ada.http.get(f"/projects/{project}/versions", params={"limit": 1, "cursor": "7"})
    others = [
        await ada.http.get(f"/versions/{known.id}"),
        await ada.http.post(f"/versions/{known.id}/current"),
        await ada.http.delete(f"/versions/{known.id}"),
    ]

    assert (made.status_code, made.json()["name"]) == (201, "V001")
    assert services.last(questions.PublishVersion).split == questions.SubsetSplit(train=3, val=1, test=0)
    assert (listed.json()["items"], listed.json()["next_cursor"]) == ([made.json()], "1")
    assert services.last(questions.ListVersions).page.cursor == "7"
    assert [answer.json() for answer in others] == [made.json()] * 3
    assert services.last(questions.DeleteVersion).version_id == known.id


async def test_two_versions_are_compared_and_one_is_exported(ada: Person, services: StubServices, project: str) -> None:
    known = version(project)
    changed = questions.ObjectDifference(object_id="o1", media_id="m1", change="changed")
    difference = questions.VersionDifference(
        added=0, removed=0, changed=1, media_added=[], media_removed=["m9"], objects=[changed]
    )
    await services.answer(questions.GetVersion, known)
    await services.answer(questions.CompareVersions, difference)
    await services.answer(questions.StartExport, export(project, version=known.id))

    compared = await ada.http.get(f"/versions/{known.id}/difference", params={"since": "v0"})
    started = await ada.http.post(
        f"/projects/{project}/exports", json={"name": "x", "format": "COCO 1.0", "version": known.id}
    )

    assert compared.json() == difference.model_dump()
    assert services.last(questions.CompareVersions).since == "v0"
    assert (started.status_code, started.json()["version"]) == (201, known.id)
    assert services.last(questions.StartExport).version == known.id


async def test_versions_of_another_project_are_not_found(eve: Person, services: StubServices, project: str) -> None:
    await services.answer(questions.GetVersion, version(project))
    path = f"/versions/v-{project}"

    answers = [
        await eve.http.post(f"/projects/{project}/versions", json={}),
        await eve.http.get(f"/projects/{project}/versions"),
        await eve.http.get(path),
        await eve.http.post(f"{path}/current"),
        await eve.http.get(f"{path}/difference", params={"since": "v0"}),
        await eve.http.delete(path),
    ]

    assert [answer.status_code for answer in answers] == [404] * 6
    assert services.count(questions.DeleteVersion) == services.count(questions.SetCurrentVersion) == 0
