"""Follow a project's labels as they change.

    python subscribe.py SERVER USER PASSWORD [--since 2026-01-31T08:00]

USER and PASSWORD come from POST /api/v1/projects/PROJECT/subscribers. Needs only `pip install nats-py`. After a
restart it continues where it stopped; with --since it replays from that time.
"""

import argparse
import asyncio
import contextlib
import json
from datetime import datetime
from typing import Any

import nats
from nats.aio.client import Client


async def ask(client: Client, subject: str, **request: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads((await client.request(subject, json.dumps(request).encode(), timeout=40)).data)
    if "error" in answer:
        raise SystemExit(answer["error"]["message"])
    return answer


async def follow(server: str, user: str, password: str, since: str | None) -> None:
    async with await nats.connect(server, user=user, password=password, inbox_prefix=f"_INBOX.{user}") as client:
        start = {"since": datetime.fromisoformat(since).astimezone().isoformat()} if since else {}
        while not client.is_closed:
            page = await ask(client, f"events.{user}.read", limit=100, wait_s=30, **start)
            for event in page["events"]:
                print(json.dumps(event["data"]), flush=True)
            if page["events"]:
                await ask(client, f"events.{user}.commit", sequence=page["last"])
                start = {}


async def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("server", "user", "password", "--since"):
        parser.add_argument(name)
    options = vars(parser.parse_args())
    while True:  # the server closes each connection after an hour and authenticates again
        with contextlib.suppress(nats.errors.Error, OSError):
            await follow(**options)
        await asyncio.sleep(1)


if __name__ == "__main__":
    asyncio.run(main())
