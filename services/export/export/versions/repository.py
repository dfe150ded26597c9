"""Dataset versions: their records in MongoDB, and their immutable contents in S3."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from common.contract.errors import Problem
from common.contract.events import Event, VersionChanged, VersionPublished
from common.contract.missions import Mission
from common.contract.questions import DatasetVersion, PageRequest, PublishVersion, VersionList
from common.messaging.outbox import Unpublished
from common.storage.cursor import decode_cursor, encode_cursor
from common.storage.mongo import Database, Document
from common.storage.objects import Objects, snapshot_key, version_key
from export.codecs.snapshot import lines, unpacked
from export.dataset.loss_report import LossReport
from export.dataset.media import ExportMedium
from export.storage.snapshots import read_snapshot
from export.versions.difference import Contents, digest

BATCH = 100
_BY_NUMBER = [("project_id", ASCENDING), ("number", DESCENDING)]
_LATEST = [("current_since", DESCENDING), ("number", DESCENDING)]


async def create_version_indexes(database: Database) -> None:
    """A project's versions by unique number, and by the time they were made current."""
    await database.versions.create_index(_BY_NUMBER, unique=True)
    await database.versions.create_index([("project_id", ASCENDING), *_LATEST])
    await database.exports.create_index([("version", ASCENDING)], sparse=True)
    await database.version_media.create_index([("project_id", ASCENDING), ("media", ASCENDING)])
    unpublished: Document = {"unpublished": True}
    await database.versions.create_index(
        [("changed_at", ASCENDING)], name="unpublished", partialFilterExpression=unpublished
    )


# A document is at most 16 MB; an id is at most 64 bytes.
_MEDIA_PER_DOCUMENT = 50_000


@dataclass(frozen=True, slots=True)
class Files:
    """The keys of the two files of a version."""

    contents: str
    labels: str

    @classmethod
    def of(cls, project_id: str, version_id: str) -> "Files":
        """The keys for a version id."""
        return cls(version_key(project_id, version_id), snapshot_key(project_id, version_id))


@dataclass(frozen=True, slots=True)
class FrozenDataset:
    """Media, missions, and the labels as lines, opened again by each call."""

    missions: Sequence[Mission]
    media: Sequence[ExportMedium]
    labels: Callable[[], Iterator[bytes]]


class VersionRepository:
    """The `versions` collection, and their media in `version_media`. The current version is the one with the latest
    `current_since`."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self._versions = database.versions
        self._media = database.version_media
        self._exports = database.exports
        self._objects = objects

    async def add(self, question: PublishVersion, contents: Contents, objects: int, now: float) -> DatasetVersion:
        """Add a version with the next number, whose labels are in S3 already; returns an existing version unchanged."""
        files = Files.of(question.project_id, question.version_id)
        written = [*contents.lines()]
        packed = await asyncio.to_thread(gzip.compress, b"".join(written), 6, mtime=0)
        await self._objects.put(files.contents, packed, "application/gzip")
        labels = (await self._objects.stat(files.labels)).size
        sha256 = await asyncio.to_thread(
            lambda: digest((*written, *read_snapshot(self._objects, files.labels, labels)))
        )
        document: Document = {
            "_id": question.version_id,
            **question.model_dump(include={"project_id", "split", "author"}),
            "media": len(contents.media),
            "objects": objects,
            "sha256": sha256,
            "created_at": now,
            "current_since": now,
            "deleted": False,
            "revision": 1,
            "published_revision": 0,
            "unpublished": True,
            "changed_at": now,
        }
        await self._store_media(question, [medium.id for medium in contents.media])
        await self._insert(document)
        found = await self.find(question.version_id)
        if found is None:
            raise Problem("version_deleted")
        return found

    async def _store_media(self, question: PublishVersion, media: Sequence[str]) -> None:
        about = {"project_id": question.project_id, "version_id": question.version_id}
        for begin in range(0, len(media), _MEDIA_PER_DOCUMENT):
            part = list(media[begin : begin + _MEDIA_PER_DOCUMENT])
            key = {"_id": f"{question.version_id} {begin}"}
            await self._media.replace_one(key, {**about, "media": part}, upsert=True)

    async def _insert(self, document: Document) -> None:
        while True:
            last = await self._versions.find_one({"project_id": document["project_id"]}, sort=[("number", DESCENDING)])
            try:
                await self._versions.insert_one(document | {"number": (last["number"] if last else 0) + 1})
            except DuplicateKeyError:
                # The number was taken meanwhile, or this version was published twice.
                if await self._versions.find_one({"_id": document["_id"]}, {"_id": 1}) is None:
                    continue
            return

    async def find(self, version_id: str) -> DatasetVersion | None:
        """One version that is not deleted."""
        document = await self._versions.find_one({"_id": version_id, "deleted": False})
        if document is None:
            return None
        current = await self._current(document["project_id"])
        exports = await self._exports.count_documents({"version": version_id})
        return _version(document, current, exports)

    async def page(self, project_id: str, page: PageRequest, media: Sequence[str] | None = None) -> VersionList:
        """A project's versions, newest first, optionally only those with one of these media."""
        wanted: Document = {"project_id": project_id, "deleted": False}
        if media is not None:
            having: Document = {"project_id": project_id, "media": {"$in": list(media)}}
            wanted["_id"] = {"$in": await self._media.distinct("version_id", having)}
        if page.cursor:
            wanted["number"] = {"$lt": decode_cursor(page.cursor, tuple[int])[0]}
        newest = self._versions.find(wanted).sort("number", DESCENDING).hint(_BY_NUMBER)
        found = await newest.limit(page.limit + 1).to_list(None)
        shown = found[: page.limit]
        current = await self._current(project_id)
        counted = self._exports.aggregate(
            [
                {"$match": {"version": {"$in": [document["_id"] for document in shown]}}},
                {"$group": {"_id": "$version", "count": {"$sum": 1}}},
            ]
        )
        exports = {row["_id"]: row["count"] async for row in counted}
        items = [_version(document, current, exports.get(document["_id"], 0)) for document in shown]
        more = encode_cursor(items[-1].number) if len(found) > page.limit else None
        return VersionList(items=items, next_cursor=more)

    async def make_current(self, version_id: str, now: float) -> DatasetVersion | None:
        """Make it the current version of its project."""
        return await self.find(version_id) if await self._change(version_id, {"current_since": now}, now) else None

    async def delete(self, version_id: str, now: float) -> DatasetVersion | None:
        """Remove it from the list, but keep its contents; returns the version."""
        found = await self.find(version_id)
        return found if found and await self._change(version_id, {"deleted": True}, now) else None

    # ---- outbox ----

    async def unpublished_version(self, version_id: str) -> Unpublished | None:
        """The unpublished facts of a version."""
        document = await self._versions.find_one({"_id": version_id, "unpublished": True})
        return None if document is None else await self._entry(document)

    async def unpublished(self, before: float) -> AsyncIterator[Unpublished]:
        """Versions with unpublished facts."""
        query = {"unpublished": True, "changed_at": {"$lt": before}}
        async for document in self._versions.find(query).sort("changed_at", ASCENDING).limit(BATCH):
            yield await self._entry(document)

    async def mark_published(self, entries: Sequence[Unpublished]) -> None:
        """Record which revisions of versions are published."""
        for entry in entries:
            await self._versions.update_one(
                {"_id": entry.key, "revision": entry.token},
                {"$set": {"published_revision": entry.token}, "$unset": {"unpublished": True}},
            )

    async def _entry(self, document: Document) -> Unpublished:
        current = await self._current(document["project_id"])
        return Unpublished(str(document["_id"]), document["revision"], list(_facts(document, current)))

    # ---- files ----

    async def contents(self, version: DatasetVersion) -> Contents:
        """The missions and media of a version."""
        packed = await self._objects.get(Files.of(version.project_id, version.id).contents)
        return await asyncio.to_thread(lambda: Contents.read(lines(unpacked((packed,)))))

    async def frozen(
        self, version_id: str, project_id: str, media: list[str] | None, report: LossReport
    ) -> FrozenDataset:
        """The dataset of a version with its media, or the chosen ones; missing ones are reported.

        Raises:
            Problem: there is no such version in the project.
        """
        version = await self.find(version_id)
        if version is None or version.project_id != project_id:
            raise Problem("version_not_found")
        found = await self.contents(version)
        wanted = None if media is None else set(media)
        chosen = [medium for medium in found.media if wanted is None or medium.id in wanted]
        report.add("lost_not_in_version", len(wanted) - len(chosen) if wanted else 0)
        size = await self.labels_size(version)
        return FrozenDataset(found.missions, chosen, lambda: self.labels(version, size))

    async def labels_size(self, version: DatasetVersion) -> int:
        """The size of its labels in S3 in bytes. Raises NoSuchObject."""
        return (await self._objects.stat(Files.of(version.project_id, version.id).labels)).size

    def labels(self, version: DatasetVersion, size_bytes: int) -> Iterator[bytes]:
        """Its objects, ordered by medium; for threads."""
        return read_snapshot(self._objects, Files.of(version.project_id, version.id).labels, size_bytes)

    async def _change(self, version_id: str, change: Document, now: float) -> bool:
        """Change a version; False if there is none."""
        written = await self._versions.update_one(
            {"_id": version_id, "deleted": False},
            {"$set": {**change, "unpublished": True, "changed_at": now}, "$inc": {"revision": 1}},
        )
        return bool(written.matched_count)

    async def _current(self, project_id: str) -> str | None:
        existing = {"project_id": project_id, "deleted": False}
        document = await self._versions.find_one(existing, {"_id": 1}, sort=_LATEST)
        return str(document["_id"]) if document else None


def _facts(document: Document, current: str | None) -> Iterator[Event]:
    version = _version(document, current, 0)
    about = {"project_id": version.project_id, "version_id": version.id, "name": version.name}
    if document["published_revision"] == 0:
        fields = version.model_dump(include={"number", "media", "objects", "sha256", "author"})
        yield VersionPublished(**about, **fields)
    if document["revision"] > 1:
        fields = {"is_current": version.is_current, "deleted": document["deleted"]}
        yield VersionChanged(**about, **fields, revision=document["revision"])


def _version(document: Document, current: str | None, exports: int) -> DatasetVersion:
    return DatasetVersion(
        id=document["_id"],
        name=f"V{document['number']:03d}",
        is_current=document["_id"] == current,
        exports=exports,
        **{name: document[name] for name in _STORED},
    )


_STORED = ("project_id", "number", "media", "objects", "split", "sha256", "author", "created_at")
