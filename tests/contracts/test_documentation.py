"""The tables in docs/events.md match the declared events."""

import re
from pathlib import Path

from common.contract.asyncapi import type_of
from common.contract.events import FACTS, JOBS, Event
from common.messaging.topology import CONSUMERS

EVENT_ROW = re.compile(r"\| `[a-z_.]+\.v\d+`")
PAGE = (Path(__file__).resolve().parents[2] / "docs" / "events.md").read_text("utf-8")


def row(event: type[Event]) -> str:
    """The table row of an event."""
    consumers = sorted({consumer.by for consumer in CONSUMERS if consumer.event is event})
    sentence = " ".join((event.__doc__ or "").split()).removeprefix("Job: ")
    sentence = sentence[0].upper() + sentence[1:]
    return f"| `{type_of(event)}` | {event.stream} | {event.by} | {', '.join(consumers) or '–'} | {sentence} |"


def test_the_tables_list_exactly_the_declared_events() -> None:
    rows = [line for line in PAGE.splitlines() if EVENT_ROW.match(line)]
    expected = [row(event) for event in (*FACTS, *JOBS)]

    assert rows == expected, "The tables in docs/events.md must be:\n" + "\n".join(expected)
