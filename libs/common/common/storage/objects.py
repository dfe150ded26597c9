"""Objects in S3, named by deterministic keys. The only module that uses minio."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import httpx
import urllib3
from minio import Minio
from minio.datatypes import Part
from minio.deleteobjects import DeleteObject
from minio.error import S3Error

from common.contract.clips import Rendition
from common.service.metrics import S3_BYTES

CHUNK = 256 * 1024


def source_key(project_id: str, media_id: str) -> str:
    """The uploaded file of a medium."""
    return f"{media_prefix(project_id, media_id)}source"


def samples_key(project_id: str, media_id: str, clip: int, rendition: Rendition) -> str:
    """The concatenated samples of one clip."""
    return f"{media_prefix(project_id, media_id)}clips/{clip}.{rendition}"


def index_key(project_id: str, media_id: str, clip: int, rendition: Rendition) -> str:
    """The `ClipIndex` of one clip."""
    return f"{samples_key(project_id, media_id, clip, rendition)}.json"


def thumbnail_key(project_id: str, media_id: str) -> str:
    """A small JPEG of the medium's first frame."""
    return f"{media_prefix(project_id, media_id)}thumbnail"


def states_prefix(project_id: str, media_id: str) -> str:
    """The prefix of states of a medium's objects that are too large for an event."""
    return f"{media_prefix(project_id, media_id)}objects/"


def state_key(project_id: str, media_id: str, object_id: str, revision: int) -> str:
    """The state of one object at one revision."""
    return f"{states_prefix(project_id, media_id)}{object_id}.{revision}.json"


def suggestions_key(project_id: str, run_id: str, media_id: str, clip: int) -> str:
    """The suggestions of a run for a clip."""
    return f"{project_id}/runs/{run_id}/{media_id}.{clip}.json"


def tracked_key(project_id: str, run_id: str, object_id: str, first: int, last: int) -> str:
    """The keyframes of a run for frames first…last of an object."""
    return f"{project_id}/runs/{run_id}/{object_id}.{first}-{last}.json"


def snapshot_key(project_id: str, snapshot_id: str) -> str:
    """A consistent snapshot of labels."""
    return f"{project_id}/snapshots/{snapshot_id}.ndjson.gz"


def archive_key(project_id: str, export_id: str) -> str:
    """The zip archive of an export."""
    return f"{project_id}/exports/{export_id}.zip"


def import_key(project_id: str, import_id: str) -> str:
    """The uploaded archive of an import."""
    return f"{project_id}/imports/{import_id}"


def version_key(project_id: str, version_id: str) -> str:
    """The missions and media of a dataset version, as gzip-compressed NDJSON."""
    return f"{project_id}/versions/{version_id}.ndjson.gz"


def media_prefix(project_id: str, media_id: str) -> str:
    """The prefix of all objects of one medium."""
    return f"{project_id}/media/{media_id}/"


class NoSuchObject(LookupError):
    """There is no object under this key."""


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """An object's size, type and tag."""

    size: int
    content_type: str
    etag: str


class ListedObject(NamedTuple):
    """An object in a listing."""

    key: str
    size: int


class Objects:
    """One bucket. Small objects are read and written by `get` and `put`, large ones by `stream`, `read_range` and
    multipart uploads.

    Methods without `async` are for threads, except those that only compute a URL.
    """

    def __init__(self, url: str, region: str = "us-east-1", pool: urllib3.PoolManager | None = None) -> None:
        parts = urlsplit(url)
        self.bucket = parts.path.strip("/")
        self._minio = Minio(
            f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}",
            access_key=unquote(parts.username or ""),
            secret_key=unquote(parts.password or ""),
            secure=parts.scheme == "https",
            # A fixed region saves a round trip before the first request.
            region=region,
            http_client=pool
            or urllib3.PoolManager(
                maxsize=32,
                timeout=urllib3.Timeout(connect=5, read=60),
                retries=urllib3.Retry(total=4, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504]),
            ),
        )
        self._http: httpx.AsyncClient | None = None

    @property
    def http(self) -> httpx.AsyncClient:
        """The client for streamed transfers, created on first use inside the running loop."""
        if self._http is None:
            limits = httpx.Limits(max_connections=200, max_keepalive_connections=32)
            self._http = httpx.AsyncClient(timeout=httpx.Timeout(60, connect=5), limits=limits)
        return self._http

    async def close(self) -> None:
        """Close the streaming client."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def ready(self) -> bool:
        """Whether the bucket answers."""
        return await asyncio.to_thread(self._minio.bucket_exists, self.bucket)

    # ---- whole objects ----

    def get_sync(self, key: str) -> bytes:
        """The whole object; for threads. Raises NoSuchObject."""
        return self._read(key)

    def put_sync(self, key: str, content: bytes, content_type: str = "application/octet-stream") -> None:
        """Store a whole object; for threads."""
        self._minio.put_object(self.bucket, key, io.BytesIO(content), len(content), content_type)
        S3_BYTES.labels("up").inc(len(content))

    async def get(self, key: str) -> bytes:
        """The whole object. Raises NoSuchObject."""
        return await asyncio.to_thread(self.get_sync, key)

    async def put(self, key: str, content: bytes, content_type: str = "application/octet-stream") -> None:
        """Store a whole object."""
        await asyncio.to_thread(self.put_sync, key, content, content_type)

    async def stat(self, key: str) -> ObjectInfo:
        """Size and type. Raises NoSuchObject."""
        try:
            stat = await asyncio.to_thread(self._minio.stat_object, self.bucket, key)
        except S3Error as error:
            raise _translated(error, key) from error
        return ObjectInfo(stat.size or 0, stat.content_type or "application/octet-stream", stat.etag or "")

    def list_sync(self, prefix: str) -> Iterator[ListedObject]:
        """The objects whose key begins with `prefix`, in order of their keys; for threads."""
        for entry in self._minio.list_objects(self.bucket, prefix=prefix, recursive=True):
            yield ListedObject(entry.object_name or "", entry.size or 0)

    def delete_sync(self, key: str) -> None:
        """Delete an object; a missing one is fine. For threads."""
        self._minio.remove_object(self.bucket, key)

    async def delete(self, key: str) -> None:
        """Delete an object; a missing one is fine."""
        await asyncio.to_thread(self.delete_sync, key)

    async def delete_all(self, prefix: str) -> None:
        """Delete every object whose key begins with `prefix`."""
        await asyncio.to_thread(self._delete_all, prefix)

    def _delete_all(self, prefix: str) -> None:
        deletions = (DeleteObject(listed.key) for listed in self.list_sync(prefix))
        for error in self._minio.remove_objects(self.bucket, deletions):
            raise OSError(f"{error.name} was not deleted: {error.message}")

    # ---- ranges and streams ----

    def read_range(self, key: str, offset: int, length: int) -> bytes:
        """Bytes offset … offset+length of an object; for threads. Raises NoSuchObject."""
        return self._read(key, offset=offset, length=length)

    def _read(self, key: str, *, offset: int = 0, length: int = 0) -> bytes:
        try:
            response = self._minio.get_object(self.bucket, key, offset=offset, length=length)
        except S3Error as error:
            raise _translated(error, key) from error
        try:
            content = response.read()
        finally:
            response.close()
            response.release_conn()
        S3_BYTES.labels("down").inc(len(content))
        return content

    @asynccontextmanager
    async def open(self, key: str, byte_range: str | None = None) -> AsyncIterator[httpx.Response]:
        """A response with the status and headers of S3 and a streamed body (`aiter_raw`). `byte_range`: a Range header.

        Raises NoSuchObject.
        """
        headers = {"Range": byte_range} if byte_range else {}
        async with self.http.stream("GET", self.presigned("GET", key), headers=headers) as response:
            if response.status_code == httpx.codes.NOT_FOUND:
                raise NoSuchObject(key)
            yield response

    async def stream(self, key: str, byte_range: str | None = None) -> AsyncIterator[bytes]:
        """The bytes of an object in chunks. Raises NoSuchObject."""
        async with self.open(key, byte_range) as response:
            response.raise_for_status()
            async for chunk in response.aiter_raw(CHUNK):
                S3_BYTES.labels("down").inc(len(chunk))
                yield chunk

    def presigned(self, method: str, key: str, query: dict[str, str] | None = None, minutes: int = 60) -> str:
        """A presigned URL for requests on `key` without credentials."""
        return self._minio.get_presigned_url(
            method, self.bucket, key, expires=timedelta(minutes=minutes), extra_query_params=dict(query or {})
        )

    # ---- multipart uploads ----
    # These calls are private in minio; its public ones cannot keep an upload open between processes.

    def begin_multipart(self, key: str, content_type: str) -> str:
        """Start a multipart upload; returns its S3 id."""
        return self._minio._create_multipart_upload(self.bucket, key, {"Content-Type": content_type})  # noqa: SLF001

    def part_url(self, key: str, upload: str, number: int) -> str:
        """The presigned URL for the PUT of part `number`."""
        return self.presigned("PUT", key, {"partNumber": str(number), "uploadId": upload})

    def put_part(self, key: str, upload: str, number: int, content: bytes) -> Part:
        """Store one part of at least 5 MiB, except for the last; for threads."""
        etag = self._minio._upload_part(self.bucket, key, content, None, upload, number)  # noqa: SLF001
        S3_BYTES.labels("up").inc(len(content))
        return Part(number, etag)

    def list_parts(self, key: str, upload: str) -> list[Part]:
        """The stored parts, by number. Raises NoSuchObject if the upload does not exist."""
        parts: list[Part] = []
        marker: str | None = None
        while True:
            try:
                page = self._minio._list_parts(self.bucket, key, upload, part_number_marker=marker)  # noqa: SLF001
            except S3Error as error:
                raise _translated(error, key) from error
            parts += page.parts
            if not page.is_truncated:
                return parts
            marker = str(page.next_part_number_marker)

    def finish_multipart(self, key: str, upload: str, parts: Iterable[Part]) -> None:
        """Join the parts into the object. Raises NoSuchObject if the upload does not exist or is complete."""
        try:
            self._minio._complete_multipart_upload(self.bucket, key, upload, list(parts))  # noqa: SLF001
        except S3Error as error:
            raise _translated(error, key) from error

    def list_multiparts(self, key: str) -> list[str]:
        """The S3 ids of the incomplete uploads of `key`; for threads."""
        listing = self._minio._list_multipart_uploads(self.bucket, prefix=key)  # noqa: SLF001
        return [upload.upload_id or "" for upload in listing.uploads if upload.object_name == key]

    def abort_multipart(self, key: str, upload: str) -> None:
        """Abort an upload and delete its parts; a missing one is fine."""
        try:
            self._minio._abort_multipart_upload(self.bucket, key, upload)  # noqa: SLF001
        except S3Error as error:
            if error.code != "NoSuchUpload":
                raise


def _translated(error: S3Error, key: str) -> Exception:
    return NoSuchObject(key) if error.code in ("NoSuchKey", "NoSuchUpload", "NoSuchBucket") else error
