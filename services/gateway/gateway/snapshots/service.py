"""Taking and deleting snapshots."""

from collections.abc import Sequence

from common.contract.errors import Problem
from common.contract.questions import TakeSnapshot
from common.service.ids import new_id
from common.storage.objects import snapshot_key
from gateway.dependencies import Dependencies
from gateway.domain.projects import Member
from gateway.snapshots.repository import Snapshot


async def take_snapshot(
    snapshot_id: str, member: Member, media: Sequence[str] | None, at: float | None, dependencies: Dependencies
) -> Snapshot:
    """A new snapshot; the same id again is the same snapshot. Raises Problem."""
    known = await dependencies.snapshots.find(snapshot_id)
    if known is not None:
        return known
    snapshot = await dependencies.bus.ask(
        TakeSnapshot(
            snapshot_id=snapshot_id,
            project_id=member.project_id,
            media=None if media is None else list(media),
            at=at,
        )
    )
    stored = await dependencies.bus.objects.stat(snapshot.object_key)
    return await dependencies.snapshots.add(
        Snapshot(
            id=snapshot_id,
            project_id=member.project_id,
            objects=snapshot.objects,
            media_count=len(snapshot.media),
            size_bytes=stored.size,
            author=member.user.id,
            created_at=dependencies.clock(),
            sort_key=new_id(),
        )
    )


async def find_snapshot(snapshot_id: str, dependencies: Dependencies) -> Snapshot:
    """The snapshot with this id. Raises Problem."""
    snapshot = await dependencies.snapshots.find(snapshot_id)
    if snapshot is None:
        raise Problem("snapshot_not_found")
    return snapshot


async def delete_snapshot(snapshot_id: str, project_id: str, dependencies: Dependencies) -> None:
    """Delete a snapshot and its lines."""
    await dependencies.bus.objects.delete(snapshot_key(project_id, snapshot_id))
    await dependencies.snapshots.remove(snapshot_id)
