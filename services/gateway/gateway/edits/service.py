"""Applying edits: one question to annotation for all valid edits of a request."""

import time
from dataclasses import dataclass
from typing import Any

import orjson
from prometheus_client import Counter, Histogram

from common.contract.edits import Edit, EditResult
from common.contract.errors import reason_for
from common.contract.questions import ApplyEdits
from gateway.dependencies import Dependencies
from gateway.domain.batches import Batch
from gateway.domain.projects import Member

EDITS = Counter("tracklane_edits_sent_total", "Edits sent by people and programs", ["status"])
EDIT_SECONDS = Histogram(
    "tracklane_edit_seconds",
    "Time from a batch of edits to its results",
    buckets=(0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.25, 1, 5),
)


@dataclass(frozen=True, slots=True)
class EditTarget:
    """The medium whose objects are edited, by whom, and in which window or program."""

    media_id: str
    member: Member
    work_session: str | None


async def apply(edits: list[Edit], target: EditTarget, dependencies: Dependencies, *, atomic: bool = False) -> bytes:
    """The results of edits, as `EditResults` in JSON. Raises Problem."""
    started = time.monotonic()
    body = await dependencies.bus.ask_json(
        # The edits were validated with the request; validating 500 again would take 20 ms.
        ApplyEdits.model_construct(
            project_id=target.member.project_id,
            media_id=target.media_id,
            edits=edits,
            atomic=atomic,
            author=target.member.user.id,
            session=target.work_session,
            frame_count=await dependencies.owners.frame_count(target.media_id),
            rules=target.member.rules,
        )
    )
    EDIT_SECONDS.observe(time.monotonic() - started)
    for result in orjson.loads(body)["results"]:
        EDITS.labels(result["status"]).inc()
    return body


async def apply_valid(batch: Batch[Edit], target: EditTarget, dependencies: Dependencies, *, atomic: bool) -> bytes:
    """The results of a batch with malformed edits: the valid ones are applied, or with `atomic` none. Raises
    Problem."""
    EDITS.labels("refused").inc(len(batch.refused))
    results: list[Any] = []
    if atomic:
        results = [_not_applied(edit) for edit in batch.items]
        EDITS.labels("refused").inc(len(results))
    elif batch.items:
        results = orjson.loads(await apply(batch.items, target, dependencies))["results"]
    return orjson.dumps({"results": batch.in_order(results)}, default=EditResult.model_dump)


def _not_applied(edit: Edit) -> EditResult:
    return EditResult(id=edit.id, status="refused", reason=reason_for("batch_not_applied"))
