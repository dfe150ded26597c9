"""Publishing of stored changes, and metrics of the backlog."""

import asyncio
import time
from collections.abc import Sequence

import orjson

from annotation.metrics import UNPUBLISHED, UNPUBLISHED_SECONDS
from annotation.outbox.changes import ChangeRepository, UnpublishedChange
from annotation.raw_json import json_object
from common.contract.events import AnnotationChanged
from common.messaging.bus import SerializedEvent
from common.messaging.outbox import Outbox, Publisher
from common.storage.objects import Objects, state_key

# The maximum delay of edits of a killed replica, which another one publishes.
POLL_S = 1.0
# An event has many consumers; a larger state is stored in S3 and referenced by key.
INLINE_BYTES = 256 * 1024
_MEASURE_EVERY_S = 5.0


class OutboxPublisher(Outbox[UnpublishedChange]):
    """Publishes changes as `AnnotationChanged`, those of one object in order."""

    def __init__(self, changes: ChangeRepository, publisher: Publisher, objects: Objects) -> None:
        super().__init__(changes, publisher, poll_s=POLL_S, grace_s=0.0)
        self._objects = objects

    async def events_of(self, entry: UnpublishedChange) -> Sequence[SerializedEvent]:
        """The event of a change. A large state is stored in S3 first, under a key derived from the revision."""
        event, edit, state = entry.event, entry.edit, entry.state
        if len(state) <= INLINE_BYTES:
            return (_serialized(event, edit, state),)
        key = state_key(event.project_id, event.media_id, event.object_id, event.revision)
        await self._objects.put(key, state, "application/json")
        event = event.model_copy(update={"object_key": key})
        return (_serialized(event, edit if len(edit) <= INLINE_BYTES else b"null", b"null"),)


class BacklogMonitor:
    """Exports the number of unpublished changes and the age of the oldest."""

    def __init__(self, changes: ChangeRepository) -> None:
        self._changes = changes

    async def run(self) -> None:
        """Measure until cancelled."""
        while True:
            count, age_s = await self._changes.backlog(time.time())
            UNPUBLISHED.set(count)
            UNPUBLISHED_SECONDS.set(age_s)
            await asyncio.sleep(_MEASURE_EVERY_S)


def _serialized(event: AnnotationChanged, edit: bytes, state: bytes) -> SerializedEvent:
    head = {name: orjson.dumps(getattr(event, name)) for name in _HEAD}
    return SerializedEvent(event, json_object(**head, edit=edit, object=state))


_HEAD = tuple(name for name in AnnotationChanged.model_fields if name not in ("edit", "object"))
