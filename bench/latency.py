"""How long an edit takes: answered, seen by a second browser, seen by a NATS subscriber; milliseconds.

One person edits; another tab follows the medium over the live stream; a subscriber follows the project with its own
NATS user. All on this machine, over the public interfaces, beside all servers and services.
"""

import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import nats
import numpy as np
import websockets

from tests.person import Person, create, move, signed_in
from tests.stack import Stack, running_stack

CLIP = Path(__file__).parents[1] / "deploy/local/demo/clip.mp4"
EDITS = 300


class Watch:
    """When each edit was first seen, by edit id."""

    def __init__(self) -> None:
        self.seen: dict[str, float] = {}

    def see(self, changed: dict[str, Any]) -> None:
        if edit := changed.get("edit"):
            self.seen.setdefault(edit["id"], time.perf_counter())


async def follow_live(stack: Stack, person: Person, project: str, medium: str, watch: Watch) -> None:
    """Watch as a second browser does."""
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in person.http.cookies.jar)
    address = stack.url.replace("http", "ws") + f"/api/v1/live?project={project}&media={medium}"
    async with websockets.connect(address, additional_headers={"Cookie": cookies}, origin=stack.url) as live:  # type: ignore[arg-type]
        async for message in live:
            told = json.loads(message)
            if told.get("type", "").startswith("annotation.changed"):
                watch.see(told["data"])


async def follow_nats(stack: Stack, person: Person, project: str, watch: Watch) -> nats.NATS:
    """Watch as an ML platform does."""
    own = await person.ask("POST", f"/projects/{project}/subscribers", json={"name": "bench"})
    client = await nats.connect(
        stack.servers.nats.address, user=own["user"], password=own["password"], inbox_prefix=own["inbox_prefix"]
    )
    subscription = await client.jetstream().pull_subscribe(
        own["filter_subject"], durable=own["durable"], stream=own["stream"]
    )

    async def pull() -> None:
        while True:
            try:
                for message in await subscription.fetch(50, timeout=5):
                    watch.see(json.loads(message.data))
                    await message.ack()
            except nats.errors.TimeoutError:
                continue

    client.puller = asyncio.create_task(pull())  # type: ignore[attr-defined]
    return client


def row(name: str, milliseconds: list[float]) -> str:
    median, p95, worst = np.percentile(milliseconds, [50, 95, 100])
    return f"{name:<28}{median:8.1f}{p95:8.1f}{worst:8.1f}"


async def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        async with running_stack(Path(home)) as stack, signed_in(stack) as ada:
            project = await ada.project()
            medium = await ada.upload(project, CLIP)
            await ada.until_settled(medium)
            browser, platform = Watch(), Watch()
            live = asyncio.create_task(follow_live(stack, ada, project, medium, browser))
            client = await follow_nats(stack, ada, project, platform)
            await asyncio.sleep(1)
            sent, answered = await edit(ada, medium)
            await asyncio.sleep(2)
            live.cancel()
            client.puller.cancel()  # type: ignore[attr-defined]
            await asyncio.gather(live, client.puller, return_exceptions=True)  # type: ignore[attr-defined]
            await client.close()
    print(f"{'an edit is …':<28}{'p50':>8}{'p95':>8}{'max':>8}   ms, {EDITS} edits")
    print(row("answered", [1000 * (answered[edit] - sent[edit]) for edit in sent]))
    for name, watch in (("seen by a second browser", browser), ("seen by a NATS subscriber", platform)):
        assert len(watch.seen) == len(sent), f"{name}: {len(watch.seen)} of {len(sent)}"
        print(row(name, [1000 * (watch.seen[edit] - sent[edit]) for edit in sent]))


async def edit(person: Person, medium: str) -> tuple[dict[str, float], dict[str, float]]:
    """Draw a box and move it, a few times a second as people do; when each edit was sent and answered."""
    sent: dict[str, float] = {}
    answered: dict[str, float] = {}
    found: dict[str, Any] = {}
    for number in range(EDITS):
        change = move(found, number % 100, 5, 5, 50 + number % 40, 50) if found else create()
        sent[change["id"]] = time.perf_counter()
        (result,) = await person.edit(medium, change)
        answered[change["id"]] = time.perf_counter()
        found = result["object"]
        await asyncio.sleep(0.02)
    return sent, answered


if __name__ == "__main__":
    asyncio.run(main())
