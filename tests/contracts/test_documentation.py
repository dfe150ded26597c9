"""docs/events.md says of each event what the code says."""

import re
from pathlib import Path

from common.contract.asyncapi import type_of
from common.contract.events import FACTS, JOBS, Event
from common.messaging.topology import CONSUMERS

EVENT_ROW = re.compile(r"\| `[a-z_.]+\.v\d+`")
PAGE = (Path(__file__).resolve().parents[2] / "docs" / "events.md").read_text("utf-8")


def row(event: type[Event]) -> str:
    """The line of the table that an event has."""
    readers = sorted({consumer.by for consumer in CONSUMERS if consumer.event is event})
    sentence = " ".join((event.__doc__ or "").split()).removeprefix("Job: ")
    return f"| `{type_of(event)}` | {event.stream} | {event.by} | {', '.join(readers) or '–'} | {sentence} |"


def test_every_event_is_in_its_table_and_none_is_there_that_is_no_more() -> None:
    rows = [line for line in PAGE.splitlines() if EVENT_ROW.match(line)]
    expected = [row(event) for event in (*FACTS, *JOBS)]

    assert rows == expected, "The tables in docs/events.md have to be:\n" + "\n".join(expected)
