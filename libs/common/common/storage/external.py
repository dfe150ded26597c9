"""External S3 buckets with endpoint, bucket and credentials of a user."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlsplit

from minio.datatypes import Part
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

from common.contract.errors import Problem
from common.contract.questions import S3Target
from common.storage.egress import EgressPolicy, EgressPool, Resolver, resolve_host
from common.storage.objects import ListedObject, NoSuchObject, Objects

_CODES = {
    "AccessDenied": "external_access_denied",
    "InvalidAccessKeyId": "external_unknown_access_key",
    "SignatureDoesNotMatch": "external_wrong_secret_key",
    "NoSuchBucket": "external_no_such_bucket",
    "AuthorizationHeaderMalformed": "external_wrong_region",
    "PermanentRedirect": "external_wrong_region",
}


class ExternalStorageError(Problem):
    """A request that an external S3 endpoint refused. `answered` is the error code of the endpoint, if any."""

    answered: str = ""


class ExternalObjects(Objects):
    """An external bucket. Its errors are problems that never contain credentials."""

    def __init__(self, target: S3Target, egress: EgressPolicy, resolve: Resolver = resolve_host) -> None:
        endpoint = urlsplit(target.endpoint)
        keys = f"{quote(target.access_key, safe='')}:{quote(target.secret_key, safe='')}"
        url = f"{endpoint.scheme}://{keys}@{endpoint.netloc}/{target.bucket}"
        super().__init__(url, region=target.region, pool=EgressPool(egress, resolve))
        self._host = endpoint.hostname or ""

    def put_sync(self, key: str, content: bytes, content_type: str = "application/octet-stream") -> None:
        with self._as_problems():
            super().put_sync(key, content, content_type)

    def begin_multipart(self, key: str, content_type: str) -> str:
        with self._as_problems():
            return super().begin_multipart(key, content_type)

    def put_part(self, key: str, upload: str, number: int, content: bytes) -> Part:
        with self._as_problems():
            return super().put_part(key, upload, number, content)

    def finish_multipart(self, key: str, upload: str, parts: Iterable[Part]) -> None:
        with self._as_problems():
            super().finish_multipart(key, upload, parts)

    def list_multiparts(self, key: str) -> list[str]:
        with self._as_problems():
            return super().list_multiparts(key)

    def abort_multipart(self, key: str, upload: str) -> None:
        with self._as_problems():
            super().abort_multipart(key, upload)

    def list_sync(self, prefix: str) -> Iterator[ListedObject]:
        with self._as_problems():
            yield from super().list_sync(prefix)

    def read_range(self, key: str, offset: int, length: int) -> bytes:
        with self._as_problems():
            return super().read_range(key, offset, length)

    @contextmanager
    def _as_problems(self) -> Iterator[None]:
        try:
            yield
        except NoSuchObject as error:
            raise ExternalStorageError("external_no_such_file", host=self._host, file=str(error)) from None
        except (MinioException, HTTPError) as error:
            # Not `from error`: the message of a server may contain the credentials of the request.
            raise self._refused(str(error.code) if isinstance(error, S3Error) else "") from None

    def _refused(self, answered: str) -> ExternalStorageError:
        if not answered:
            return ExternalStorageError("external_not_s3", host=self._host)
        if answered in _CODES:
            refusal = ExternalStorageError(_CODES[answered], host=self._host)
        elif re.fullmatch("[A-Za-z]{1,60}", answered):
            refusal = ExternalStorageError("external_refused_with", host=self._host, answer=answered)
        else:
            refusal = ExternalStorageError("external_refused", host=self._host)
        refusal.answered = answered
        return refusal
