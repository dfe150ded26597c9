"""JSON documents too large to be built: lists written in pieces."""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson


def json_items(batches: Iterable[list[Any]]) -> Iterator[bytes]:
    """The items of a JSON list without its brackets, from lists of items."""
    comma = b""
    for batch in batches:
        if batch:
            yield comma + orjson.dumps(batch)[1:-1]
            comma = b","
