"""Someone else's S3, where a person wants something to go: their endpoint, bucket and keys."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from minio.datatypes import Part
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

from common.errors import Problem
from common.objects import Listed, NoSuchObject, Objects
from common.questions import S3Target
from common.reachable import Reachable, ReachablePool, Resolve, resolved

_WORDS = {
    "AccessDenied": "These keys may not do that there.",
    "InvalidAccessKeyId": "It does not know this access key.",
    "SignatureDoesNotMatch": "The secret key is not the access key's.",
    "NoSuchBucket": "It has no such bucket.",
    "AuthorizationHeaderMalformed": "The bucket is in another region.",
    "PermanentRedirect": "The bucket is in another region.",
}


@dataclass
class OutsideRefusal(Problem):
    """What someone else's S3 refused; `code` is its own word for it, if it answered at all."""

    code: str = ""


class OutsideObjects(Objects):
    """A bucket of someone else. What it refuses is a Problem in words that hold no key."""

    def __init__(self, target: S3Target, reachable: Reachable, resolve: Resolve = resolved) -> None:
        endpoint = urlsplit(target.endpoint)
        keys = f"{quote(target.access_key, safe='')}:{quote(target.secret_key, safe='')}"
        url = f"{endpoint.scheme}://{keys}@{endpoint.netloc}/{target.bucket}"
        super().__init__(url, region=target.region, pool=ReachablePool(reachable, resolve))
        self._host = endpoint.hostname or ""

    def put_now(self, key: str, content: bytes, content_type: str = "application/octet-stream") -> None:
        with self._in_words():
            super().put_now(key, content, content_type)

    def begin_multipart(self, key: str, content_type: str) -> str:
        with self._in_words():
            return super().begin_multipart(key, content_type)

    def put_part(self, key: str, upload: str, number: int, content: bytes) -> Part:
        with self._in_words():
            return super().put_part(key, upload, number, content)

    def finish_multipart(self, key: str, upload: str, parts: Iterable[Part]) -> None:
        with self._in_words():
            super().finish_multipart(key, upload, parts)

    def list_multiparts(self, key: str) -> list[str]:
        with self._in_words():
            return super().list_multiparts(key)

    def abort_multipart(self, key: str, upload: str) -> None:
        with self._in_words():
            super().abort_multipart(key, upload)

    def list_now(self, prefix: str) -> Iterator[Listed]:
        with self._in_words():
            yield from super().list_now(prefix)

    def read_range(self, key: str, offset: int, length: int) -> bytes:
        with self._in_words():
            return super().read_range(key, offset, length)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except NoSuchObject as error:
            raise OutsideRefusal(422, "No such file", f"{self._host}: It has no file {error}.") from None
        except (MinioException, HTTPError) as error:
            # Not `from error`: what a server says of a request may repeat the keys that signed it.
            code = str(error.code) if isinstance(error, S3Error) else ""
            raise OutsideRefusal(422, "The other S3 refused", f"{self._host}: {_said(code)}", code=code) from None


def _said(code: str) -> str:
    if not code:
        return "It did not answer as an S3 does."
    is_word = re.fullmatch("[A-Za-z]{1,60}", code)
    return _WORDS.get(code, f"It answered {code}." if is_word else "It refused.")
