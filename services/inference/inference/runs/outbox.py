"""The outbox of runs: jobs of new runs, and changes of state."""

from collections.abc import Sequence

from common.contract.events import Event
from common.messaging.bus import SerializedEvent
from common.messaging.outbox import Outbox, Publisher
from inference.runs.repository import RunRepository, UnpublishedRun


class RunOutbox(Outbox[UnpublishedRun]):
    """Queues the jobs of a run before it publishes that the run is queued."""

    def __init__(self, runs: RunRepository, publisher: Publisher) -> None:
        super().__init__(runs, publisher, poll_s=3.0, grace_s=5.0)
        self._tasks = runs

    async def events_of(self, entry: UnpublishedRun) -> Sequence[Event | SerializedEvent]:
        """The jobs of the open tasks, if they may not be queued, and the change."""
        tasks = await self._tasks.open_tasks(entry.key) if entry.unqueued else []
        return [*(task.job() for task in tasks), *entry.events]
