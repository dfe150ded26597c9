"""An external S3 server, separate from the service's own."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from common.contract.questions import S3Target
from common.storage.objects import Objects
from deploy.local.credentials import Credentials
from deploy.local.s3_server import BUCKET


@dataclass
class ExternalS3:
    """An external S3 server from its owner's view."""

    endpoint: str
    credentials: Credentials
    objects: Objects

    def target(self, **more: Any) -> S3Target:
        given = {
            "endpoint": self.endpoint,
            "bucket": BUCKET,
            "folder": "from us",
            "access_key": self.credentials.s3_access_key,
            "secret_key": self.credentials.s3_secret_key,
        }
        return S3Target(**given | more)

    @property
    def allowed(self) -> str:
        return urlsplit(self.endpoint).netloc

    def left(self, key: str = "from us/x.zip") -> list[str]:
        """The keys in the bucket, and unfinished uploads of `key`."""
        return [each.key for each in self.objects.list_sync("")] + self.objects.list_multiparts(key)
