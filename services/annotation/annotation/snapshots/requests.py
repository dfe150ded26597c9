"""Requests for snapshots."""

from typing import Annotated

from faststream.nats import NatsRouter

from annotation.snapshots.service import SnapshotService
from common.contract.questions import Snapshot, TakeSnapshot
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler

router = NatsRouter()
Snapshots = Annotated[SnapshotService, Dependency("snapshots")]


@router.subscriber(**request_handler(TakeSnapshot))
async def take_snapshot(question: TakeSnapshot, snapshots: Snapshots) -> Snapshot:
    """A consistent snapshot of labels, stored in S3."""
    return await snapshots.take(question)
