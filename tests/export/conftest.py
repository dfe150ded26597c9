"""Fixtures of all tests of export."""

from collections.abc import AsyncIterator

import pytest

from common.storage.objects import Objects
from deploy.local.s3_server import S3Server
from tests.export.external_s3 import ExternalS3
from tests.servers import running_s3


@pytest.fixture(scope="module")
async def outside_s3(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[S3Server]:
    async with running_s3(tmp_path_factory.mktemp("external-s3")) as server:
        yield server


@pytest.fixture
async def external_s3(outside_s3: S3Server) -> ExternalS3:
    objects = Objects(outside_s3.url)
    await objects.delete_all("")
    return ExternalS3(f"http://127.0.0.1:{outside_s3.ports[0].number}", outside_s3.credentials, objects)
