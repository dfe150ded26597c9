"""Tasks of a run: clips, or the gaps of a quick label run. A task is the unit of work, of retry and of progress."""

from common.contract.events import LabelClip, TrackObject
from inference.domain.clip_task import ClipTask
from inference.domain.gap_task import GapTask

Task = ClipTask | GapTask
Job = LabelClip | TrackObject


def task_id(job: Job) -> str:
    """The id of the task of a job."""
    if isinstance(job, TrackObject):
        return f"{job.run_id}.{job.object_id}.{job.first}.{job.last}"
    return f"{job.run_id}.{job.media_id}.{job.clip}"
