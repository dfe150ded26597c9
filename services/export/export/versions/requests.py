"""What export answers about dataset versions."""

import asyncio
import time
from collections import Counter
from typing import Annotated

from faststream.nats import NatsRouter

from common.contract.questions import (
    CompareVersions,
    DatasetVersion,
    DeleteVersion,
    GetVersion,
    ListVersions,
    ObjectDifference,
    PublishVersion,
    SetCurrentVersion,
    VersionDifference,
    VersionList,
)
from common.messaging.bus import InjectedBus
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler
from common.service.errors import Problem, invalid, not_found
from export.dataset.loss_report import LossReport
from export.dataset.split import divided
from export.exporting.sources import list_media, take_snapshot
from export.versions.difference import Contents, differences
from export.versions.outbox import tell_news
from export.versions.repository import VersionStore

router = NatsRouter()
Versions = Annotated[VersionStore, Dependency("versions")]
_SHOWN = 500


@router.subscriber(**request_handler(PublishVersion))
async def publish_version(question: PublishVersion, versions: Versions, bus: InjectedBus) -> DatasetVersion:
    """Keep files and labels as they are now; the same id again is the same version."""
    if found := await versions.find(question.version_id):
        await tell_news(found.id, versions, bus)
        return _own(found, question.project_id)
    split = question.split
    if split is not None and not split.train + split.val + split.test:
        raise invalid("split", "Give at least one subset a share.")
    media = await list_media(bus, question.project_id, question.media, LossReport())
    if not media:
        raise Problem(422, "Nothing to publish", "None of the chosen files is there and ready.")
    taken = await take_snapshot(bus, question.project_id, question.version_id, question.media)
    contents = Contents(taken.missions, divided(media, split) if split else media)
    published = _own(await versions.add(question, contents, taken.objects, time.time()), question.project_id)
    await tell_news(published.id, versions, bus)
    return published


@router.subscriber(**request_handler(ListVersions))
async def list_versions(question: ListVersions, versions: Versions) -> VersionList:
    """The versions of a project, newest first."""
    return await versions.page(question.project_id, question.page, question.media)


@router.subscriber(**request_handler(GetVersion))
async def get_version(question: GetVersion, versions: Versions) -> DatasetVersion:
    """One version."""
    return _found(await versions.find(question.version_id))


@router.subscriber(**request_handler(SetCurrentVersion))
async def set_current_version(question: SetCurrentVersion, versions: Versions, bus: InjectedBus) -> DatasetVersion:
    """Make a version the current one."""
    found = _found(await versions.make_current(question.version_id, time.time()))
    await tell_news(found.id, versions, bus)
    return found


@router.subscriber(**request_handler(DeleteVersion))
async def delete_version(question: DeleteVersion, versions: Versions, bus: InjectedBus) -> DatasetVersion:
    """Take a version off the list."""
    found = _found(await versions.delete(question.version_id, time.time()))
    await tell_news(found.id, versions, bus)
    return found


@router.subscriber(**request_handler(CompareVersions))
async def compare_versions(question: CompareVersions, versions: Versions) -> VersionDifference:
    """What is different in a version since another."""
    after, before = _found(await versions.find(question.version_id)), _found(await versions.find(question.since))
    if before.project_id != after.project_id:
        raise not_found("version")
    old, new = await versions.contents(before), await versions.contents(after)
    sizes = await versions.labels_size(before), await versions.labels_size(after)
    counts: Counter[str] = Counter()
    shown: list[ObjectDifference] = []

    def compare() -> None:
        for change, media_id, object_id in differences(
            versions.labels(before, sizes[0]), versions.labels(after, sizes[1])
        ):
            counts[change] += 1
            if len(shown) < _SHOWN:
                shown.append(ObjectDifference(object_id=object_id, media_id=media_id, change=change))

    await asyncio.to_thread(compare)
    had, has = ({medium.id for medium in side.media} for side in (old, new))
    return VersionDifference(
        added=counts["added"],
        removed=counts["removed"],
        changed=counts["changed"],
        media_added=sorted(has - had),
        media_removed=sorted(had - has),
        objects=shown,
    )


def _own(version: DatasetVersion, project_id: str) -> DatasetVersion:
    if version.project_id != project_id:
        raise Problem(409, "Id taken", "Another version has this id.")
    return version


def _found(version: DatasetVersion | None) -> DatasetVersion:
    if version is None:
        raise not_found("version")
    return version
