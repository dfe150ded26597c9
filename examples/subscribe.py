"""Follow a project's labels as they change.

    python subscribe.py SERVER USER PASSWORD PROJECT [--since 2026-01-31T08:00]

USER and PASSWORD come from POST /api/v1/projects/PROJECT/subscribers. Needs only `pip install nats-py`. Started again,
it goes on where it was; with --since it replays from that time.
"""

import argparse
import asyncio
import contextlib
import json
from datetime import datetime

import nats
from nats.js.api import ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError


async def follow(server: str, user: str, password: str, project: str, since: str | None) -> None:
    client = await nats.connect(server, user=user, password=password, inbox_prefix=f"_INBOX_{user}")
    jetstream, config = client.jetstream(), ConsumerConfig()
    if since:  # a consumer keeps the place it has; another place needs a new one
        with contextlib.suppress(NotFoundError):
            await jetstream.delete_consumer("ANNOTATION", user)
        start = datetime.fromisoformat(since).astimezone().isoformat()
        config = ConsumerConfig(deliver_policy=DeliverPolicy.BY_START_TIME, opt_start_time=start)
    labels = await jetstream.pull_subscribe(f"annotation.changed.v1.{project}", user, "ANNOTATION", config)
    while not client.is_closed:
        with contextlib.suppress(nats.errors.TimeoutError):
            for message in await labels.fetch(100, timeout=5):
                print(json.dumps(json.loads(message.data)), flush=True)
                await message.ack()


async def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("server", "user", "password", "project", "--since"):
        parser.add_argument(name)
    wanted = vars(parser.parse_args())
    while True:  # the server ends each connection after an hour, to ask whether this user may still come in
        with contextlib.suppress(nats.errors.Error, OSError):
            await follow(**wanted)
        wanted["since"] = None
        await asyncio.sleep(1)


if __name__ == "__main__":
    asyncio.run(main())
