"""Latency of an edit in milliseconds: to the answer, to a second browser, to a NATS subscriber.

One user edits; another tab follows the medium over the live stream; a subscriber follows the project with its own NATS
user. Everything runs on this machine with all servers and services, over the public interfaces.
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
from nats.aio.client import Client

from bench.report import Report, run
from tests.person import Person, create, move, signed_in
from tests.stack import Stack, running_stack

CLIP = Path(__file__).parents[1] / "deploy/local/demo/clip.mp4"
EDITS = 300
ANSWERED_MS, SEEN_MS = 100, 200


class Watch:
    """The time at which each edit was first received, by edit id."""

    def __init__(self) -> None:
        self.seen: dict[str, float] = {}

    def see(self, changed: dict[str, Any]) -> None:
        if edit := changed.get("edit"):
            self.seen.setdefault(edit["id"], time.perf_counter())


async def follow_live(stack: Stack, person: Person, project: str, medium: str, watch: Watch) -> None:
    """Follow like a second browser."""
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in person.http.cookies.jar)
    address = stack.url.replace("http", "ws") + f"/api/v1/live?project={project}&media={medium}"
    async with websockets.connect(address, additional_headers={"Cookie": cookies}, origin=stack.url) as live:  # type: ignore[arg-type]
        async for message in live:
            event = json.loads(message)
            if event.get("type", "").startswith("annotation.changed"):
                watch.see(event["data"])


async def follow_nats(stack: Stack, person: Person, project: str, watch: Watch) -> tuple[Client, asyncio.Task[None]]:
    """Follow like a subscriber."""
    subscriber = await person.ask("POST", f"/projects/{project}/subscribers", json={"name": "bench"})
    client = await nats.connect(
        stack.servers.nats.address,
        user=subscriber["user"],
        password=subscriber["password"],
        inbox_prefix=subscriber["inbox_prefix"],
    )

    async def pull() -> None:
        last = 0
        while True:
            request = json.dumps({"after": last, "wait_s": 5}).encode()
            page = json.loads((await client.request(subscriber["read_subject"], request, timeout=10)).data)
            for event in page["events"]:
                watch.see(event["data"])
            last = page["last"]

    return client, asyncio.create_task(pull())


def add(report: Report, name: str, milliseconds: list[float], goal_ms: float) -> None:
    median, p95, worst = np.percentile(milliseconds, [50, 95, 100])
    report.add(f"{name}, p50", median, "ms")
    report.add(f"{name}, p95", p95, "ms", at_most=goal_ms)
    report.add(f"{name}, max", worst, "ms")


async def main(report: Report) -> None:
    """Edit as one user while two clients follow."""
    with tempfile.TemporaryDirectory() as home:
        async with running_stack(Path(home)) as stack, signed_in(stack) as ada:
            project = await ada.project()
            medium = await ada.upload(project, CLIP)
            await ada.until_processed(medium)
            browser, platform = Watch(), Watch()
            live = asyncio.create_task(follow_live(stack, ada, project, medium, browser))
            client, reading = await follow_nats(stack, ada, project, platform)
            await asyncio.sleep(1)
            sent, answered = await edit(ada, medium)
            await asyncio.sleep(2)
            live.cancel()
            reading.cancel()
            await asyncio.gather(live, reading, return_exceptions=True)
            await client.close()
    add(report, "an edit is answered", [1000 * (answered[edit] - sent[edit]) for edit in sent], ANSWERED_MS)
    for name, watch in (("an edit in a second browser", browser), ("an edit at a NATS subscriber", platform)):
        assert len(watch.seen) == len(sent), f"{name}: {len(watch.seen)} of {len(sent)}"
        add(report, name, [1000 * (watch.seen[edit] - sent[edit]) for edit in sent], SEEN_MS)


async def edit(person: Person, medium: str) -> tuple[dict[str, float], dict[str, float]]:
    """Create a box and move it at a human pace; returns the times at which each edit was sent and answered."""
    sent: dict[str, float] = {}
    answered: dict[str, float] = {}
    current: dict[str, Any] = {}
    for number in range(EDITS):
        change = move(current, number % 100, 5, 5, 50 + number % 40, 50) if current else create()
        sent[change["id"]] = time.perf_counter()
        (result,) = await person.edit(medium, change)
        answered[change["id"]] = time.perf_counter()
        current = result["object"]
        await asyncio.sleep(0.02)
    return sent, answered


if __name__ == "__main__":
    run(main)
