"""Ingest and frames as processes on real servers, and a bus that asks them what the gateway would."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import httpx

from common.contract.media import Conditions, Medium
from common.contract.model import Model
from common.contract.questions import FinishUpload, GetMedium, PresignPart, Question, StartUpload
from common.messaging.bus import Bus
from common.service.settings import Settings
from tests.stack import Stack, running_stack

CONDITIONS = Conditions(weather="Sunny", lighting="Day", fov="Unknown")
T = TypeVar("T", bound=Model)


class Asker:
    """Asks as the gateway does."""

    def __init__(self, stack: Stack, bus: Bus) -> None:
        self.stack = stack
        self.bus = bus
        self.ask = bus.ask
        self.objects = bus.objects

    def start(self, name: str, size: int, **fields: object) -> StartUpload:
        kind = "image" if name.rsplit(".", 1)[-1] in ("jpg", "jpeg", "png") else "video"
        given = {"project_id": "p1", "name": name, "size_bytes": size, "kind": kind, "author": "ada"}
        return StartUpload.model_validate(given | {"conditions": CONDITIONS} | fields)

    async def put(self, upload_id: str, number: int, content: bytes) -> None:
        place = await self.ask(PresignPart(upload_id=upload_id, number=number, size_bytes=len(content)))
        async with httpx.AsyncClient() as client:
            (await client.put(place.url, content=content)).raise_for_status()

    async def upload(self, name: str, content: bytes, **fields: object) -> Medium:
        upload = await self.ask(self.start(name, len(content), **fields))
        for number, start in enumerate(range(0, len(content), upload.part_size_bytes), 1):
            await self.put(upload.id, number, content[start : start + upload.part_size_bytes])
        return await self.ask(FinishUpload(upload_id=upload.id))

    async def processed(self, media_id: str, within_s: float = 60) -> Medium:
        return await self.until(GetMedium(media_id=media_id), is_processed, within_s)

    async def until(self, question: Question[T], true: Callable[[T], bool], within_s: float = 60) -> T:
        async with asyncio.timeout(within_s):
            while not true(found := await self.ask(question)):
                await asyncio.sleep(0.05)
        return found


def is_processed(medium: Medium) -> bool:
    """Whether nothing more happens to a medium and its clips; facts about these come in no certain order."""
    waiting = [clip for clip in medium.clips if clip.state == "processing"]
    return medium.state == "failed" or (medium.state != "processing" and not waiting)


@asynccontextmanager
async def running_footage(home: Path) -> AsyncIterator[Asker]:
    """The two services that make clips of files, ready."""
    async with running_stack(home, only=("ingest", "frames")) as stack:
        bus = Bus("gateway", Settings.model_validate(stack.servers.settings("gateway")))
        await bus.broker.connect()
        yield Asker(stack, bus)
        await bus.broker.stop()
        await bus.objects.close()
