"""External S3 buckets: validation, and the protection of their keys."""

from typing import Any

import pytest

from common.contract.errors import Problem
from common.contract.questions import S3Target, StartExport
from common.storage.egress import EgressPolicy
from export.exporting.repository import ExportRecord
from export.storage.external_bucket import external_key, normalized, target_errors
from export.storage.secret_box import SecretBox
from tests.export.fakes import FakeBus, InMemoryExports, queued, service


def target(**more: Any) -> S3Target:
    given = {"endpoint": "https://s3.example.com", "bucket": "b-1", "access_key": "AKEY", "secret_key": "SKEY/+="}
    return S3Target(**given | more)


@pytest.mark.parametrize(
    ("endpoint", "meant"),
    [
        ("s3.example.com", "https://s3.example.com"),
        (" http://10.0.0.1:9000/ ", "http://10.0.0.1:9000"),
        ("https://s3.eu-west-1.amazonaws.com/", "https://s3.eu-west-1.amazonaws.com"),
    ],
)
def test_endpoints_are_normalized(endpoint: str, meant: str) -> None:
    found = normalized(target(endpoint=endpoint, folder="/a//b c/"))

    assert (found.endpoint, found.folder) == (meant, "a/b c")
    assert target_errors(found, EgressPolicy.of("10.0.0.0/8")) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("endpoint", "ftp://s3.example.com"),
        ("endpoint", "https://user:password@s3.example.com"),
        ("endpoint", "https://s3.example.com/bucket"),
        ("endpoint", "https://s3.example.com?x=1"),
        ("endpoint", "https://s3.example.com#x"),
        ("endpoint", "https://s3.example.com:99999"),
        ("endpoint", "https://s3.example.com:0"),
        ("endpoint", "https://s3 example.com"),
        ("endpoint", "https://[::1]:9000"),
        ("endpoint", ""),
        ("bucket", "B"),
        ("bucket", "a/b"),
        ("bucket", "a..b"),
        ("folder", "a/../b"),
        ("folder", "a\nb"),
        ("region", "us east"),
        ("access_key", ""),
        ("access_key", "a b"),
        ("secret_key", "a\r\nX-Header: 1"),
    ],
)
def test_an_error_names_its_field_and_no_key(field: str, value: str) -> None:
    (fault,) = target_errors(normalized(target(**{field: value})), EgressPolicy())

    assert fault.field == f"target.{field}"
    assert not {"AKEY", "SKEY"} & set(fault.message.split())


def test_the_key_of_an_archive_has_its_folder_and_name() -> None:
    assert external_key(target(), "Night 2024") == "Night 2024.zip"
    assert external_key(target(folder="a/b"), "x") == "a/b/x.zip"


def test_keys_are_decrypted_for_the_same_export_and_passphrase_only() -> None:
    sealed = SecretBox("secret").encrypt("e", target())

    assert b"AKEY" not in sealed
    assert b"example" not in sealed
    assert SecretBox("secret").decrypt("e", sealed) == target()
    assert SecretBox("secret").decrypt("other", sealed) is None
    assert SecretBox("another").decrypt("e", sealed) is None
    assert SecretBox("secret").decrypt("e", sealed[:-1]) is None
    assert SecretBox("secret").encrypt("e", target()) != sealed


def test_keys_are_not_in_the_repr() -> None:
    printed = repr(target()) + repr(queued(target=target()).record)

    assert "AKEY" not in printed
    assert "SKEY" not in printed


class Collection(InMemoryExports):
    """Records the stored export."""

    async def start(self, question: StartExport, sealed: bytes | None, now: float) -> ExportRecord:
        self.record = queued(**question.model_dump(exclude={"export_id"})).record
        self.sealed = sealed
        return self.record


async def test_no_key_is_stored_published_or_shown() -> None:
    bus, exports = FakeBus([]), Collection(queued().record)
    asked = StartExport(
        export_id="e", project_id="p", name="x", format="COCO 1.0", author="a", target=target(folder="/f/")
    )

    started = await service(exports, bus).start(asked)
    found = await service(exports, FakeBus([])).get("e")

    shown = "".join(model.model_dump_json() for model in (started, found, *bus.published))
    assert "AKEY" not in shown
    assert "SKEY" not in shown
    assert started.target is not None
    assert started.target.model_dump() == {
        "endpoint": "https://s3.example.com",
        "bucket": "b-1",
        "folder": "f",
        "region": "us-east-1",
    }
    assert exports.sealed is not None
    assert b"SKEY" not in exports.sealed


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9000", "http://169.254.169.254", "10.0.0.1", "192.168.0.1:1"])
async def test_a_private_address_is_refused_at_once(endpoint: str) -> None:
    asked = StartExport(
        export_id="e", project_id="p", name="x", format="COCO 1.0", author="a", target=target(endpoint=endpoint)
    )

    with pytest.raises(Problem, match="public") as refused:
        await service(Collection(queued().record), FakeBus([])).start(asked)

    assert [error.field for error in refused.value.errors] == ["target.endpoint"]


async def test_cancelling_deletes_the_keys() -> None:
    bus, exports = FakeBus([]), queued(target=target(endpoint="http://127.0.0.1:9"))

    cancelled = await service(exports, bus).cancel("e")

    assert cancelled.state == "cancelled"
    assert exports.record.sealed is None
