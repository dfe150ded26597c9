"""Cursors, caches and large objects."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.contract.errors import Problem
from common.storage import multipart
from common.storage.cache import AsyncCache
from common.storage.cursor import decode_cursor, encode_cursor, older_than
from common.storage.multipart import MultipartWriter
from common.storage.objects import NoSuchObject, Objects
from deploy.local.servers import embedded_servers

# ---- cursors ----


@given(st.floats(allow_nan=False, allow_infinity=False), st.text())
def test_cursors_round_trip(moment: float, item_id: str) -> None:
    assert decode_cursor(encode_cursor(moment, item_id), tuple[float, str]) == (moment, item_id)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "?",
        "WzEs",
        "=",
        "é",
        encode_cursor(1.0),
        encode_cursor("1", "a"),
        encode_cursor(1, 2),
        encode_cursor(1, "a", 3),
    ],
)
def test_invalid_cursors_are_refused(cursor: str) -> None:
    with pytest.raises(Problem) as refused:
        decode_cursor(cursor, tuple[float, str])

    assert [(error.field, error.reason.code) for error in refused.value.errors] == [("cursor", "invalid_cursor")]


@given(st.text())
def test_arbitrary_text_never_breaks_the_codec(cursor: str) -> None:
    with contextlib.suppress(Problem):
        decode_cursor(cursor, tuple[float, str])


def test_the_next_page_starts_after_the_last_item() -> None:
    assert older_than(None) == {}
    assert older_than(encode_cursor(5.0, "b"), "at") == {
        "$or": [{"at": {"$lt": 5.0}}, {"at": 5.0, "_id": {"$lt": "b"}}]
    }


# ---- caches ----


class Source:
    """Counts the loads of a value; `gate` blocks loads."""

    def __init__(self, value: str | None = "v") -> None:
        self.value = value
        self.loads = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def load(self) -> str | None:
        self.loads += 1
        value = self.value
        await self.gate.wait()
        return value


async def test_a_value_is_loaded_once() -> None:
    cache, source = AsyncCache[str, str](10), Source()

    assert [await cache.get("k", source.load) for _ in range(3)] == ["v", "v", "v"]
    assert source.loads == 1
    assert cache.peek("k") == "v"


async def test_concurrent_callers_share_a_load() -> None:
    cache, source = AsyncCache[str, str](10), Source()
    source.gate.clear()
    callers = [asyncio.create_task(cache.get("k", source.load)) for _ in range(5)]
    await asyncio.sleep(0)
    callers[0].cancel()

    source.gate.set()

    assert await asyncio.gather(*callers[1:]) == ["v"] * 4
    assert source.loads == 1


async def test_none_is_not_cached() -> None:
    cache, source = AsyncCache[str, str](10), Source(None)

    assert [await cache.get("k", source.load) for _ in range(2)] == [None, None]
    assert source.loads == 2


async def test_a_value_expires() -> None:
    now = 0.0
    cache, source = AsyncCache[str, str](10, ttl_s=5.0, clock=lambda: now), Source()
    await cache.get("k", source.load)
    now = 4.0
    await cache.get("k", source.load)
    now = 5.0

    await cache.get("k", source.load)

    assert source.loads == 2


async def test_a_value_forgotten_during_its_load_is_not_cached() -> None:
    cache, source = AsyncCache[str, str](10), Source("old")
    source.gate.clear()
    loading = asyncio.create_task(cache.get("k", source.load))
    await asyncio.sleep(0)
    source.value = "new"
    cache.forget("k")
    source.gate.set()
    await loading

    assert await cache.get("k", source.load) == "new"


async def test_a_failed_load_is_retried() -> None:
    cache = AsyncCache[str, str](10)

    async def fail() -> str:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await cache.get("k", fail)

    assert await cache.get("k", Source().load) == "v"


@pytest.mark.parametrize(
    ("weight", "kept"), [(None, [True, True, True, True]), (len, [False, False, True, True])], ids=["count", "weight"]
)
async def test_the_least_recently_used_values_are_dropped(
    weight: Callable[[str], float] | None, kept: list[bool]
) -> None:
    cache = AsyncCache[int, str](4, weight=weight)
    for key in range(4):
        cache.put(key, "xx")

    assert [cache.peek(key) is not None for key in range(4)] == kept


async def test_a_value_heavier_than_the_cache_is_not_cached() -> None:
    cache = AsyncCache[str, str](4, weight=len)
    cache.put("k", "short")

    assert cache.peek("k") is None


async def test_clearing_drops_all_values() -> None:
    cache, source = AsyncCache[str, str](10), Source()
    await cache.get("k", source.load)

    cache.clear()

    assert cache.peek("k") is None


# ---- large objects ----


@pytest.fixture(scope="module")
async def objects(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Objects]:
    home: Path = tmp_path_factory.mktemp("objects")
    async with embedded_servers(home) as servers:
        objects = Objects(servers.settings("export")["s3_url"])
        yield objects
        await objects.close()


CHUNK = bytes(range(256)) * 4096
SIZES = pytest.mark.parametrize("chunks", [0, 1, 8, 21])


@pytest.mark.servers
@SIZES
async def test_an_object_can_be_written_from_a_thread(objects: Objects, chunks: int) -> None:
    def write() -> multipart.Written:
        with MultipartWriter(objects, f"sync/{chunks}", "text/plain", sha256=True) as writer:
            for _ in range(chunks):
                writer.write(CHUNK)
        return writer.written

    written = await asyncio.to_thread(write)

    assert written == multipart.Written(chunks * len(CHUNK), hashlib.sha256(CHUNK * chunks).hexdigest())
    assert await objects.get(f"sync/{chunks}") == CHUNK * chunks
    assert (await objects.stat(f"sync/{chunks}")).content_type == "text/plain"


@pytest.mark.servers
@SIZES
async def test_an_object_can_be_written_from_the_event_loop(objects: Objects, chunks: int) -> None:
    async with MultipartWriter(objects, f"async/{chunks}") as writer:
        for _ in range(chunks):
            await writer.send(memoryview(CHUNK))

    assert writer.written == multipart.Written(chunks * len(CHUNK), None)
    assert await objects.get(f"async/{chunks}") == CHUNK * chunks


async def send_and_fail(objects: Objects, key: str, chunks: int, *, hand_over: bool = False) -> None:
    async with MultipartWriter(objects, key) as writer:
        for _ in range(chunks):
            await writer.send(CHUNK)
        if hand_over:
            await asyncio.to_thread(writer.store_parts)
        raise RuntimeError


@pytest.mark.servers
@pytest.mark.parametrize("chunks", [1, 21])
async def test_an_error_leaves_no_object_or_upload(objects: Objects, chunks: int) -> None:
    with pytest.raises(RuntimeError):
        await send_and_fail(objects, "failed", chunks)

    with pytest.raises(NoSuchObject):
        await objects.stat("failed")
    assert objects.list_multiparts("failed") == []


@pytest.mark.servers
@pytest.mark.parametrize("chunks", [0, 21])
async def test_an_upload_may_be_completed_by_a_later_step(objects: Objects, chunks: int) -> None:
    key = f"later/{chunks}"

    def write() -> str:
        with MultipartWriter(objects, key) as writer:
            for _ in range(chunks):
                writer.write(CHUNK)
            return writer.store_parts()

    upload = await asyncio.to_thread(write)

    assert objects.list_multiparts(key) == [upload]
    objects.finish_multipart(key, upload, objects.list_parts(key, upload))
    assert await objects.get(key) == CHUNK * chunks


@pytest.mark.servers
async def test_a_handed_over_upload_is_aborted_on_an_error(objects: Objects) -> None:
    with pytest.raises(RuntimeError):
        await send_and_fail(objects, "lost", 1, hand_over=True)

    assert objects.list_multiparts("lost") == []


@pytest.mark.servers
async def test_uploads_of_killed_attempts_are_aborted(objects: Objects) -> None:
    objects.begin_multipart("stale", "text/plain")

    async with MultipartWriter(objects, "stale", abort_stale=True) as writer:
        for _ in range(9):
            await writer.send(CHUNK)

    assert objects.list_multiparts("stale") == []


@pytest.mark.servers
async def test_an_object_with_too_many_parts_is_refused(objects: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multipart, "MAX_PARTS", 2)

    with pytest.raises(Problem) as refused:
        await send_and_fail(objects, "large", 30)

    assert refused.value.code == "object_too_large"
