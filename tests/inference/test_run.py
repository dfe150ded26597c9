import pytest

from common.contract.errors import Problem, Reason, reason_for
from common.contract.questions import ClipRendition
from inference.domain.clip_task import choose_clips
from inference.domain.run import TaskCounts, progress
from tests.inference.media import medium

DAMAGED = reason_for("model_damaged", model="x")


def _clips_failed(total: int) -> Reason:
    return reason_for("clips_failed", failed=1, total=total, first_error=DAMAGED)


@pytest.mark.parametrize(
    ("counts", "state", "reason"),
    [
        (TaskCounts(tasks=2, open=2), "running", None),
        (TaskCounts(tasks=2), "done", None),
        (
            TaskCounts(tasks=2, open=1, failed=1),
            "running",
            _clips_failed(2),
        ),
        (TaskCounts(tasks=3, failed=1), "failed", _clips_failed(3)),
        (TaskCounts(tasks=1, failed=1), "failed", DAMAGED),
        (TaskCounts(tasks=2, cancelled=2), "cancelled", reason_for("files_deleted")),
        (TaskCounts(tasks=2, cancelled=1), "done", None),
        (
            TaskCounts(tasks=3, gaps=3, failed=1),
            "failed",
            reason_for("gaps_failed", failed=1, total=3, first_error=DAMAGED),
        ),
        (
            TaskCounts(tasks=3, gaps=3, lost=1, stopped_at=57),
            "done",
            reason_for("object_lost", frame=57),
        ),
        (
            TaskCounts(tasks=3, gaps=3, lost=3, stopped_at=57),
            "done",
            reason_for("object_lost_repeatedly", frame=57, count=3),
        ),
    ],
)
def test_a_run_is_what_its_clips_are(counts: TaskCounts, state: str, reason: Reason | None) -> None:
    assert (counts.state(), counts.reason(DAMAGED)) == (state, reason)


def test_progress_is_a_share() -> None:
    assert progress(0, 0, "queued") == 0
    assert progress(30, 60, "running") == 0.5
    assert progress(0, 0, "done") == 1


def test_a_ready_medium_is_labeled_in_all_its_clips() -> None:
    clips = choose_clips("r", medium(frame_count=3700), _shown(3), None)
    assert [(clip.clip, clip.first, clip.last, clip.ends_medium) for clip in clips] == [
        (0, 0, 1799, False),
        (1, 1800, 3599, False),
        (2, 3600, 3699, True),
    ]
    assert clips[0].size_wh == (640, 360)


def test_only_requested_clips_are_labeled() -> None:
    assert [clip.clip for clip in choose_clips("r", medium(frame_count=3700), _shown(3), [1, 9])] == [1]


def test_the_ready_clips_of_a_processing_medium_are_labeled() -> None:
    processing = medium(state="processing", frame_count=3700)
    assert [clip.clip for clip in choose_clips("r", processing, _shown(1), [0])] == [0]
    for wanted in (None, [0, 1]):
        with pytest.raises(Problem, match=r"file_not_ready: street\.mp4"):
            choose_clips("r", processing, _shown(1), wanted)


def test_a_failed_medium_is_refused_with_its_reason() -> None:
    with pytest.raises(Problem, match=r"street\.mp4 cannot be used\. The file has no frame"):
        choose_clips("r", medium(state="failed", reason=reason_for("no_decodable_frame")), [], None)


def _shown(count: int) -> list[ClipRendition]:
    return [
        ClipRendition(
            clip=clip,
            first=1800 * clip,
            last=min(1800 * clip + 1799, 3699),
            rendition="copy",
            index_key="i",
            samples_key="s",
        )
        for clip in range(count)
    ]
