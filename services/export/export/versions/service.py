"""Use cases of dataset versions: publish, make current, delete, compare."""

import asyncio
import time
from collections import Counter

from common.contract.errors import Problem
from common.contract.questions import (
    DatasetVersion,
    ListVersions,
    ObjectDifference,
    PublishVersion,
    VersionDifference,
    VersionList,
)
from common.messaging.bus import AskClient
from common.messaging.outbox import Outbox, Publisher, Unpublished
from export.dataset.loss_report import LossReport
from export.dataset.split import divided
from export.exporting.sources import list_media, take_snapshot
from export.versions.difference import Contents, differences
from export.versions.repository import VersionRepository

LISTED_DIFFERENCES = 500


class VersionService:
    """Immutable versions of a dataset: its labels and files at one moment."""

    def __init__(self, versions: VersionRepository, ask: AskClient, publisher: Publisher) -> None:
        self._versions = versions
        self._ask = ask
        self.outbox: Outbox[Unpublished] = Outbox(versions, publisher)

    async def publish(self, question: PublishVersion) -> DatasetVersion:
        """Publish the current files and labels as a version; the same id is the same version. Raises Problem."""
        found = await self._versions.find(question.version_id)
        if found is None:
            found = await self._add(question)
        if found.project_id != question.project_id:
            raise Problem("version_id_taken")
        await self._publish_facts(found)
        return found

    async def get(self, version_id: str) -> DatasetVersion:
        """A version. Raises Problem."""
        return _existing(await self._versions.find(version_id))

    async def page(self, question: ListVersions) -> VersionList:
        """A project's versions, newest first. Raises Problem."""
        return await self._versions.page(question.project_id, question.page, question.media)

    async def make_current(self, version_id: str) -> DatasetVersion:
        """Make a version the current version of its project. Raises Problem."""
        found = _existing(await self._versions.make_current(version_id, time.time()))
        await self._publish_facts(found)
        return found

    async def delete(self, version_id: str) -> DatasetVersion:
        """Remove a version from the list. Raises Problem."""
        found = _existing(await self._versions.delete(version_id, time.time()))
        await self._publish_facts(found)
        return found

    async def compare(self, version_id: str, since: str) -> VersionDifference:
        """The differences from another version of the project. Raises Problem."""
        after, before = await self.get(version_id), await self.get(since)
        if before.project_id != after.project_id:
            raise Problem("version_not_found")
        old, new = await self._versions.contents(before), await self._versions.contents(after)
        counts, listed = await self._object_differences(before, after)
        had, has = ({medium.id for medium in side.media} for side in (old, new))
        return VersionDifference(
            added=counts["added"],
            removed=counts["removed"],
            changed=counts["changed"],
            media_added=sorted(has - had),
            media_removed=sorted(had - has),
            objects=listed,
        )

    async def _object_differences(
        self, before: DatasetVersion, after: DatasetVersion
    ) -> tuple[Counter[str], list[ObjectDifference]]:
        sizes = await self._versions.labels_size(before), await self._versions.labels_size(after)
        counts: Counter[str] = Counter()
        listed: list[ObjectDifference] = []

        def compare() -> None:
            labels = (self._versions.labels(*side) for side in zip((before, after), sizes, strict=True))
            for change, media_id, object_id in differences(*labels):
                counts[change] += 1
                if len(listed) < LISTED_DIFFERENCES:
                    listed.append(ObjectDifference(object_id=object_id, media_id=media_id, change=change))

        await asyncio.to_thread(compare)
        return counts, listed

    async def _add(self, question: PublishVersion) -> DatasetVersion:
        split = question.split
        if split is not None and not split.train + split.val + split.test:
            raise Problem.of_field("split", "split_empty")
        media = await list_media(self._ask, question.project_id, question.media, LossReport())
        if not media:
            raise Problem("version_no_files")
        snapshot = await take_snapshot(self._ask, question.project_id, question.version_id, question.media)
        contents = Contents(snapshot.missions, divided(media, split) if split else media)
        return await self._versions.add(question, contents, snapshot.objects, time.time())

    async def _publish_facts(self, version: DatasetVersion) -> None:
        if entry := await self._versions.unpublished_version(version.id):
            await self.outbox.publish(entry)


def _existing(version: DatasetVersion | None) -> DatasetVersion:
    if version is None:
        raise Problem("version_not_found")
    return version
