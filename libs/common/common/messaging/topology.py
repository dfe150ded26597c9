"""All streams and durable consumers, and the NATS permissions of each service.

`python -m common.messaging.topology` reconciles the server with this file. Services never declare streams or consumers
themselves, because subscribing does not update an existing consumer. `python -m common.messaging.topology dead` lists
the dead letters, `… replay SEQUENCE` publishes one again.
"""

import asyncio
import json
import sys
from dataclasses import dataclass, field
from datetime import timedelta

import nats
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
    StreamSource,
)
from nats.js.errors import NotFoundError
from pydantic_settings import SettingsConfigDict

from common.contract import events
from common.contract.events import FACTS, JOBS, AnnotationChanged, Event
from common.contract.services import SERVICES
from common.service.settings import Settings

RETENTION = timedelta(days=30)
# A message is redelivered minutes after its consumer was killed, and the resulting events are then published again.
DEDUPLICATION_WINDOW = timedelta(minutes=10)
LIVE = "LIVE"
DEAD = "DEAD"
PRESENCE = "presence"
ADVISORIES = ("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>", "$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.>")


@dataclass(frozen=True, slots=True)
class Consumer:
    """A durable pull consumer of one event type by one service, shared by the service's replicas."""

    event: type[Event]
    by: str
    ack_wait: timedelta = timedelta(seconds=15)
    max_deliver: int = 8
    workers: int = 4

    @property
    def durable(self) -> str:
        """The name on the server: `<service>-<event type>`."""
        return f"{self.by}-{self.event.type.replace('.', '_')}"

    @property
    def filter_subject(self) -> str:
        """The subject that it consumes."""
        return self.event.pattern()

    @property
    def stream(self) -> str:
        """The stream that it reads."""
        return self.event.stream


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """A durable consumer of the advisories about the dead letters of another consumer."""

    of: Consumer
    ack_wait: timedelta = timedelta(seconds=15)
    max_deliver: int = 8
    workers: int = 1
    stream: str = field(default=DEAD, init=False)

    @property
    def by(self) -> str:
        """The service that handles the dead letters."""
        return self.of.by

    @property
    def durable(self) -> str:
        """The name on the server."""
        return f"{self.of.durable}-dead"

    @property
    def filter_subject(self) -> str:
        """The subject of advisories of both kinds about that consumer."""
        return f"$JS.EVENT.ADVISORY.CONSUMER.*.{self.of.stream}.{self.of.durable}"


CONSUMERS: tuple[Consumer, ...] = (
    Consumer(events.HashMedium, by="ingest", workers=1),
    Consumer(events.MediaPlanned, by="ingest"),
    Consumer(events.ClipReady, by="ingest"),
    Consumer(events.MediaReady, by="ingest"),
    Consumer(events.MediaFailed, by="ingest"),
    Consumer(events.ClipState, by="ingest"),
    Consumer(events.MediaStored, by="frames"),
    Consumer(events.CutClip, by="frames", max_deliver=20, workers=2),
    Consumer(events.EncodeClip, by="frames", max_deliver=20, workers=1),
    Consumer(events.MediaDeleted, by="frames"),
    Consumer(events.LabelClip, by="inference", max_deliver=20, workers=1),
    Consumer(events.TrackObject, by="inference", max_deliver=20, workers=1),
    Consumer(events.MediaDeleted, by="inference"),
    Consumer(events.ClipReady, by="annotation"),
    Consumer(events.MediaPlanned, by="annotation"),
    Consumer(events.LabelsSuggested, by="annotation", workers=2),
    Consumer(events.LabelsTracked, by="annotation"),
    Consumer(events.MediaDeleted, by="annotation"),
    Consumer(events.WriteExport, by="export", max_deliver=20, workers=2),
    Consumer(events.ReadArchive, by="export", max_deliver=20, workers=1),
)
DEAD_LETTERS: tuple[DeadLetters, ...] = tuple(
    DeadLetters(consumer)
    for consumer in CONSUMERS
    if consumer.event
    in (
        events.MediaStored,
        events.CutClip,
        events.EncodeClip,
        events.LabelClip,
        events.TrackObject,
        events.WriteExport,
        events.ReadArchive,
    )
)

ALL: tuple[Consumer | DeadLetters, ...] = (*CONSUMERS, *DEAD_LETTERS)


def consumer_of(event: type[Event], by: str) -> Consumer:
    """The declared consumer of `event` by service `by`.

    Raises:
        LookupError: The consumer is not declared here.
    """
    for consumer in CONSUMERS:
        if consumer.event is event and consumer.by == by:
            return consumer
    raise LookupError(f"{by} has no consumer of {event.type} in topology.py")


def dead_letters_of(event: type[Event], by: str) -> DeadLetters:
    """The declared consumer of the dead letters of `event` in service `by`."""
    return next(dead for dead in DEAD_LETTERS if dead.of == consumer_of(event, by))


def streams(replicas: int = 1) -> list[StreamConfig]:
    """The streams of facts, one per publishing service or topic, and of job queues. LIVE aggregates all facts for
    browsers, which resume from a single sequence number. DEAD stores the server's advisories about dead letters.

    Jobs are retained as long as facts, so that dead letters can be inspected and replayed.
    """
    by_stream: dict[str, list[str]] = {}
    for event in (*FACTS, *JOBS):
        by_stream.setdefault(event.stream, []).append(event.pattern())
    declared = [_stream(name, subjects=subjects, replicas=replicas) for name, subjects in by_stream.items()]
    fact_streams = sorted({fact.stream for fact in FACTS})
    live = _stream(LIVE, replicas=replicas, max_age=timedelta(days=1), max_msgs=1_000_000)
    live.sources = [StreamSource(name=name) for name in fact_streams]
    return [*declared, _stream(DEAD, subjects=list(ADVISORIES), replicas=replicas), live]


def _stream(
    name: str,
    *,
    replicas: int,
    subjects: list[str] | None = None,
    max_age: timedelta = RETENTION,
    max_msgs: int = -1,
) -> StreamConfig:
    return StreamConfig(
        name=name,
        subjects=subjects,
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.OLD,
        max_age=max_age.total_seconds(),
        max_msgs=max_msgs,
        duplicate_window=DEDUPLICATION_WINDOW.total_seconds(),
        num_replicas=replicas,
        allow_direct=True,
    )


def consumer_config(consumer: Consumer | DeadLetters) -> ConsumerConfig:
    """The server's configuration of a durable consumer."""
    return ConsumerConfig(
        durable_name=consumer.durable,
        filter_subject=consumer.filter_subject,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=consumer.ack_wait.total_seconds(),
        max_deliver=consumer.max_deliver,
        max_ack_pending=1000,
        deliver_policy=DeliverPolicy.ALL,
    )


async def reconcile(jetstream: JetStreamContext, replicas: int = 1) -> None:
    """Create or update the streams and consumers on the server."""
    for stream in streams(replicas):
        try:
            await jetstream.stream_info(stream.name or "")
        except NotFoundError:
            await jetstream.add_stream(stream)
        else:
            await jetstream.update_stream(stream)
    for consumer in ALL:
        await jetstream.add_consumer(consumer.stream, consumer_config(consumer))


def permissions(service: str) -> dict[str, list[str]]:
    """The subjects that a service's NATS user may publish and subscribe to: its own facts and jobs, requests to all
    services, its own consumers; nothing else."""
    publish = [event.pattern() for event in (*FACTS, *JOBS) if event.by == service]
    publish += ["ask.>", f"_INBOX_{service}.>", "_INBOX_gateway.>", "$JS.API.INFO"]
    publish += [f"_INBOX_{other}.>" for other in SERVICES if other not in (service, "gateway")]
    for consumer in ALL:
        if consumer.by == service:
            name = f"{consumer.stream}.{consumer.durable}"
            publish += [
                f"$JS.API.CONSUMER.INFO.{name}",
                f"$JS.API.CONSUMER.MSG.NEXT.{name}",
                f"$JS.ACK.{name}.>",
            ]
            publish += [f"$JS.API.STREAM.MSG.GET.{consumer.stream}", f"$JS.API.DIRECT.GET.{consumer.stream}"]
            publish += [f"$JS.API.DIRECT.GET.{consumer.stream}.>"]
    for dead in DEAD_LETTERS:
        if dead.by == service:
            publish += [f"$JS.API.STREAM.MSG.GET.{dead.of.stream}", f"$JS.API.DIRECT.GET.{dead.of.stream}"]
    subscribe = [f"_INBOX_{service}.>", f"ask.{service}.*"]
    if service == "gateway":
        publish += [
            f"$JS.API.CONSUMER.*.{LIVE}.>",
            f"$JS.API.CONSUMER.*.{LIVE}",
            f"$JS.API.STREAM.INFO.{LIVE}",
            # Subscribers are served from the stream itself, without a consumer.
            f"$JS.API.DIRECT.GET.{AnnotationChanged.stream}",
        ]
        publish += [f"$JS.ACK.{LIVE}.>", f"{PRESENCE}.*", f"$JS.API.CONSUMER.MSG.NEXT.{LIVE}.>", "$JS.FC.>"]
        publish += [f"$JS.API.STREAM.MSG.GET.{DEAD}", f"$JS.API.STREAM.INFO.{DEAD}"]
        # Superusers replay dead letters of any consumer through the gateway.
        publish += [consumer.filter_subject for consumer in CONSUMERS]
        publish += [f"$JS.API.STREAM.MSG.GET.{consumer.stream}" for consumer in CONSUMERS]
        subscribe += [f"{PRESENCE}.*", "$SYS.REQ.USER.AUTH"]
    return {"publish": sorted(set(publish)), "subscribe": subscribe}


class TopologySettings(Settings):
    """The number of replicas of each stream: 1 on a laptop, 3 on a cluster."""

    model_config = SettingsConfigDict(env_prefix="TRACKLANE_", extra="ignore")

    nats_replicas: int = 1


async def dead_letters(jetstream: JetStreamContext, limit: int = 1000) -> list[dict[str, object]]:
    """The latest dead letters: their sequence in DEAD, the consumer, and the position of the message."""
    last = (await jetstream.stream_info(DEAD)).state.last_seq
    letters: list[dict[str, object]] = []
    for sequence in range(max(1, last - limit + 1), last + 1):
        try:
            letter = await jetstream.get_msg(DEAD, seq=sequence)
        except NotFoundError:
            continue
        advisory = json.loads(letter.data or b"{}")
        letters.append({"sequence": sequence} | {name: advisory.get(name) for name in _ADVISORY})
    return letters


_ADVISORY = ("stream", "consumer", "stream_seq", "deliveries", "timestamp", "reason")


async def replay(jetstream: JetStreamContext, sequence: int) -> str:
    """Publish the message of dead letter `sequence` again; returns its subject.

    The header with the event id is omitted, because the server would drop the message as a duplicate.
    """
    advisory = json.loads((await jetstream.get_msg(DEAD, seq=sequence)).data or b"{}")
    message = await jetstream.get_msg(advisory["stream"], seq=advisory["stream_seq"])
    headers = {name: value for name, value in (message.headers or {}).items() if name != "Nats-Msg-Id"}
    await jetstream.publish(str(message.subject), message.data or b"", headers=headers)
    return str(message.subject)


async def main(arguments: list[str]) -> None:
    """Reconcile the server, or list or replay dead letters."""
    settings = TopologySettings()
    client = await nats.connect(settings.nats_url, max_reconnect_attempts=-1, name="topology")
    jetstream = client.jetstream(timeout=10)
    match arguments:
        case []:
            await reconcile(jetstream, settings.nats_replicas)
            print(f"{len(streams())} streams and {len(ALL)} consumers are in place")
        case ["dead"]:
            for letter in await dead_letters(jetstream):
                print(json.dumps(letter))
        case ["replay", sequence]:
            print(f"Published again: {await replay(jetstream, int(sequence))}")
        case _:
            print(__doc__)
    await client.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
