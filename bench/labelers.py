"""200 concurrent labelers on one machine with all servers and services: latency of edits and reads, and lost edits.

Each labeler has an account, a live connection and one of 40 clips, shared by five; each edits every two seconds and
sends a heartbeat every ten. Another client repeatedly reads a clip with 200 objects. `python -m bench.labelers` reports
milliseconds; it fails if an answered edit is missing in the labels, the history or a browser that had the clip open.
"""

import asyncio
import json
import os
import random
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import websockets

from bench.report import Report, run
from tests.media import write_video
from tests.person import Json, Person, create, move, new_id, signed_in
from tests.stack import Stack, running_stack

PEOPLE = int(os.environ.get("PEOPLE", "200"))
CLIPS = int(os.environ.get("CLIPS", "40"))
SECONDS = float(os.environ.get("SECONDS", "60"))
EDIT_EVERY_S, HEARTBEAT_EVERY_S = 2.0, 10.0
OBJECTS_TO_READ = 200
EDIT_GOAL_MS, READ_GOAL_MS = 100, 50
FRAMES = 60


class Connection:
    """One keep-alive HTTP connection with minimal overhead, because the load runs on the same machine."""

    def __init__(self, person: Person) -> None:
        url = person.http.base_url
        self._address = url.host, url.port
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in person.http.cookies.jar)
        self.headers = f"Host: {url.host}:{url.port}\r\nOrigin: http://{url.host}:{url.port}\r\nCookie: {cookies}\r\n"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: Json | None = None) -> bytes:
        """The body of the response, which must be successful."""
        if self._streams is None or self._streams[0].at_eof():
            self._streams = await asyncio.open_connection(*self._address)
        reader, writer = self._streams
        sent = json.dumps(body).encode() if body is not None else b""
        head = f"{method} /api/v1{path} HTTP/1.1\r\n{self.headers}Content-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(sent)}\r\n\r\n".encode() + sent)
        top = await reader.readuntil(b"\r\n\r\n")
        lines = dict(line.split(b": ", 1) for line in top.lower().split(b"\r\n")[1:] if b": " in line)
        answer = await reader.readexactly(int(lines.get(b"content-length", b"0")))
        assert top.split()[1].startswith(b"2"), f"{method} {path}: {top!r} {answer[:300]!r}"
        return answer

    def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()


@dataclass
class Labeler:
    """A user with a browser: their edits, the outcomes, and the edits received by their live connection."""

    person: Person
    http: Connection
    project: str
    medium: str
    answered: dict[str, float] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)
    object: Json | None = None

    async def work(self, until: float) -> None:
        """Edit until a time."""
        await asyncio.sleep(random.uniform(0, EDIT_EVERY_S))
        while time.monotonic() < until:
            began = time.monotonic()
            await self._edit()
            await asyncio.sleep(max(0.0, EDIT_EVERY_S - (time.monotonic() - began)))

    async def _edit(self) -> None:
        """Move a box, or create it first."""
        x = random.uniform(0, 150)
        edit = create(category="Vehicle")
        if self.object:
            edit = move(self.object, random.randrange(FRAMES), x, 5, x + 50, 50)
        began = time.perf_counter()
        answer = json.loads(await self.http.ask("POST", f"/media/{self.medium}/edits", {"edits": [edit]}))
        (result,) = answer["results"]
        self.outcomes[result["status"]] += 1
        if result["status"] == "applied":
            self.answered[edit["id"]] = time.perf_counter() - began
            self.object = result["object"]

    async def beat(self, session: str) -> None:
        """Send a heartbeat every ten seconds."""
        await asyncio.sleep(random.uniform(0, HEARTBEAT_EVERY_S))
        while True:
            # The server closes connections that are idle for five seconds.
            http = Connection(self.person)
            body = {"media": self.medium, "clip": 0, "idle_s": 1.0}
            await http.ask("POST", f"/projects/{self.project}/work/{session}/heartbeat", body)
            http.close()
            await asyncio.sleep(HEARTBEAT_EVERY_S)

    async def watch(self, stack: Stack, ready: asyncio.Event) -> None:
        """Follow the clip like a browser."""
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.person.http.cookies.jar)
        address = stack.url.replace("http", "ws") + f"/api/v1/live?project={self.project}&media={self.medium}"
        options: Any = {"additional_headers": {"Cookie": cookies}, "origin": stack.url, "compression": None}
        async with websockets.connect(address, **options) as live:
            ready.set()
            async for message in live:
                # Parsing whole messages 500 times a second would add load that is not the product's.
                if '"type":"annotation.changed' in str(message)[:200]:
                    self.seen.add(json.loads(message)["data"]["edit"]["id"])


async def people(stack: Stack, exits: AsyncExitStack, owner: Person, project: str) -> list[Person]:
    """Accounts of project members, created a few at a time, because hashing a password takes 0.1 s."""
    turns = asyncio.Semaphore(4)

    async def join(number: int) -> Person:
        async with turns:
            person = await exits.enter_async_context(signed_in(stack, f"P{number}"))
            invitation = {"email": person.address, "role": "labeler"}
            await owner.ask("POST", f"/projects/{project}/members", 201, json=invitation)
            return person

    return await asyncio.gather(*(join(number) for number in range(PEOPLE)))


async def clips(owner: Person, project: str, folder: Path) -> list[str]:
    """Media of one clip each."""
    media = []
    for number in range(CLIPS):
        path = await asyncio.to_thread(write_video, folder / f"clip-{number:02}.mp4", FRAMES)
        media.append(await owner.upload(project, path))
    for medium in media:
        await owner.until_processed(medium)
    return media


async def fill(owner: Person, medium: str) -> None:
    """Create 200 objects with ten keyframes each on a clip."""
    edits = []
    for _ in range(OBJECTS_TO_READ):
        edit = create(category="Vehicle")
        geometry = edit["keyframes"][0]["geometry"]
        edit["keyframes"] = [{"frame": 5 * step, "geometry": geometry} for step in range(10)]
        edits.append(edit)
    results = await owner.edit(medium, *edits)
    assert all(result["status"] == "applied" for result in results), results[0]


async def read(owner: Person, medium: str) -> list[float]:
    """Read the clip twice a second until cancelled; returns the durations."""
    http, times = Connection(owner), []
    try:
        while True:
            began = time.perf_counter()
            await http.ask("GET", f"/media/{medium}/objects?first=0&last=1799")
            times.append(time.perf_counter() - began)
            await asyncio.sleep(0.5)
    except asyncio.CancelledError:
        return times


async def check(owner: Person, labelers: list[Labeler]) -> None:
    """Check that every answered edit is in the history and was received by all browsers with the clip, and that each
    object equals its last answer."""
    for medium in {labeler.medium for labeler in labelers}:
        here = [labeler for labeler in labelers if labeler.medium == medium]
        answered = set().union(*(labeler.answered for labeler in here))
        objects = {labeled["id"]: labeled for labeled in await owner.objects(medium)}
        history: set[str] = set()
        for labeler in here:
            assert labeler.object is not None
            assert objects[labeler.object["id"]] == labeler.object, "an object differs from its last answer"
            missed = answered - labeler.seen
            assert not missed, f"{len(missed)} of {len(answered)} edits were not seen by a browser"
            path = f"/objects/{labeler.object['id']}/history?limit=500"
            history |= {entry["edit"]["id"] for entry in (await owner.ask("GET", path))["items"]}
        assert answered <= history, f"{len(answered - history)} edits are not in the history"


def add(report: Report, name: str, seconds: list[float], goal_ms: float) -> None:
    """Report percentiles."""
    p50, p95, p99, worst = np.percentile(np.array(seconds) * 1000, [50, 95, 99, 100])
    report.add(f"{name}, p50", p50, "ms")
    report.add(f"{name}, p95", p95, "ms", at_most=goal_ms)
    report.add(f"{name}, p99", p99, "ms")
    report.add(f"{name}, max", worst, "ms")


async def measure(
    stack: Stack, owner: Person, labelers: list[Labeler], full: str
) -> tuple[list[float], list[float], dict[str, float]]:
    """Run all labelers; returns the durations of reads during and after the load, and the CPU seconds by process."""
    opened = [asyncio.Event() for _ in labelers]
    tabs = [asyncio.create_task(labeler.watch(stack, event)) for labeler, event in zip(labelers, opened, strict=True)]
    await asyncio.gather(*(event.wait() for event in opened))
    beats = [asyncio.create_task(labeler.beat(new_id())) for labeler in labelers]
    reading = asyncio.create_task(read(owner, full))
    before = cpu_seconds()
    until = time.monotonic() + SECONDS
    await asyncio.gather(*(labeler.work(until) for labeler in labelers))
    used = {name: seconds - before.get(name, 0.0) for name, seconds in cpu_seconds().items()}
    reading.cancel()
    meanwhile = await reading
    await asyncio.sleep(3)
    after = asyncio.create_task(read(owner, full))
    await asyncio.sleep(15)
    after.cancel()
    alone = await after
    for task in (*beats, *tabs):
        assert not task.done(), task.exception()
        task.cancel()
    await asyncio.gather(*beats, *tabs, return_exceptions=True)
    return meanwhile, alone, used


def cpu_seconds() -> dict[str, float]:
    """The CPU seconds used so far by each server, each service and this load."""
    used: defaultdict[str, float] = defaultdict(float)
    for process in (own := psutil.Process(), *own.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            words = process.cmdline()
            service = next((word.partition(".")[0] for word in words if word.endswith(".app:create")), None)
            name = "this load" if process is own else service or Path(words[0]).name
            used[name] += sum(process.cpu_times()[:2])
    return used


async def main(report: Report) -> None:
    """Prepare, measure, check."""
    with tempfile.TemporaryDirectory() as home:
        async with AsyncExitStack() as exits:
            stack = await exits.enter_async_context(running_stack(Path(home)))
            owner = await exits.enter_async_context(signed_in(stack))
            project = await owner.project()
            media = await clips(owner, project, Path(home))
            full = await owner.upload(project, await asyncio.to_thread(write_video, Path(home) / "full.mp4", FRAMES))
            await owner.until_processed(full)
            await fill(owner, full)
            everyone = await people(stack, exits, owner, project)
            labelers = [
                Labeler(person, Connection(person), project, media[number % CLIPS])
                for number, person in enumerate(everyone)
            ]
            meanwhile, alone, used = await measure(stack, owner, labelers, full)
            await check(owner, labelers)
    outcomes = sum((labeler.outcomes for labeler in labelers), Counter[str]())
    edits = [seconds for labeler in labelers for seconds in labeler.answered.values()]
    for outcome, count in sorted(outcomes.items()):
        report.add(f"{PEOPLE} people on {CLIPS} clips, edits {outcome}", count, "edits")
    add(report, "an edit is answered", edits, EDIT_GOAL_MS)
    add(report, "a clip with 200 objects, meanwhile", meanwhile, READ_GOAL_MS)
    add(report, "a clip with 200 objects, alone", alone, READ_GOAL_MS)
    for name, cpu_s in sorted(used.items(), key=lambda item: -item[1])[:7]:
        report.add(f"an edit, time of {name}", 1000 * cpu_s / len(edits), "CPU ms")
    report.add("processors in use", sum(used.values()) / SECONDS, "processors")


if __name__ == "__main__":
    run(main)
