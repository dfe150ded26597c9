from typing import Any

import pytest

from common.contract.errors import Problem
from common.contract.labels import Keyframe, ObjectState
from common.contract.questions import ClipRendition, StartRun
from common.geometry.types import Box, Part, Polygon
from inference.domain.gap_task import GapTask, choose_gaps
from tests.inference.media import medium

BOX = Box(x1=10, y1=10, x2=30, y2=50)


def key(frame: int, source: str = "manual", **more: object) -> Keyframe:
    return Keyframe.model_validate({"frame": frame, "geometry": BOX, "source": source} | more)


def chosen(*keyframes: Keyframe, clips: int = 3, state: str = "ready", **question: object) -> list[GapTask]:
    asked = {"run_id": "r", "project_id": "p", "kind": "quick", "model": "x", "media": ["m"], "author": "u"}
    shown = [
        ClipRendition(
            clip=clip, first=1800 * clip, last=1800 * clip + 1799, rendition="copy", index_key="i", samples_key="s"
        )
        for clip in range(clips)
    ]
    return choose_gaps(StartRun.model_validate(asked | question), medium(state=state), held(*keyframes), shown)


def held(*keyframes: Keyframe, **fields: object) -> ObjectState:
    fixed = {"id": "o", "project_id": "p", "media_id": "m", "mission": "1", "category": "person", "revision": 3}
    return ObjectState.model_validate(fixed | {"keyframes": keyframes, "author": "u"} | fields)


def spans(gaps: list[GapTask]) -> list[tuple[int, int]]:
    return [(gap.first, gap.last) for gap in gaps]


FIVE = (key(0), key(20, "quick"), key(40), key(41, "import"), key(90), key(200))


@pytest.mark.parametrize(
    ("first", "last", "gaps"),
    [
        (None, None, [(0, 40), (41, 90), (90, 200)]),
        (0, 90, [(0, 40), (41, 90)]),
        (41, 90, [(41, 90)]),
        (90, None, [(90, 200)]),
        (None, 40, [(0, 40)]),
        (60, 60, [(41, 90)]),
    ],
)
def test_gaps_lie_between_keyframes_that_a_person_set(
    first: int | None, last: int | None, gaps: list[tuple[int, int]]
) -> None:
    assert spans(chosen(*FIVE, first=first, last=last)) == gaps


def test_a_gap_has_the_fields_of_its_job() -> None:
    (gap,) = chosen(key(1790, occluded=True), key(1810, outside=True))
    assert (gap.clip, gap.vanishes, gap.occluded, gap.size_wh, gap.frame_count) == (0, True, True, (640, 360), 19)
    assert (gap.category, gap.first_box) == ("person", BOX)
    assert gap.job().key() == ("r", "o", 1790, 1810)


def test_gaps_out_of_view_are_not_filled() -> None:
    assert spans(chosen(key(0), key(30, outside=True), key(60), key(90))) == [(0, 30), (60, 90)]


@pytest.mark.parametrize(
    ("keyframes", "fields", "code"),
    [
        ((key(0),), {}, "quick_label_needs_keyframes"),
        ((key(0), key(50, "quick"), key(90, "model")), {}, "quick_label_needs_keyframes"),
        (FIVE, {"first": 20, "last": 90}, "keyframe_not_manual"),
        (FIVE, {"first": 0, "last": 91}, "keyframe_not_manual"),
        (FIVE, {"first": 300, "last": 300}, "keyframe_not_manual"),
        ((key(40), key(41)), {}, "no_frames_to_fill"),
        ((key(0, outside=True), key(41)), {}, "no_frames_to_fill"),
        ((key(0), key(1801)), {}, "keyframes_too_far_apart"),
        ((key(1700), key(1900)), {"clips": 1}, "frames_missing"),
        ((key(1700), key(1900)), {"clips": 1, "state": "processing"}, "file_not_ready"),
        ((key(0), key(90)), {"clips": 0, "state": "failed"}, "file_not_usable"),
    ],
)
def test_a_request_without_a_fillable_gap_is_refused(
    keyframes: tuple[Keyframe, ...], fields: dict[str, Any], code: str
) -> None:
    with pytest.raises(Problem) as refused:
        chosen(*keyframes, **fields)
    assert refused.value.code == code


def test_only_boxes_are_tracked() -> None:
    polygon = Polygon(parts=[Part(outer=[(0, 0), (9, 0), (9, 9)])])
    state = held(key(0, geometry=polygon), key(9, geometry=polygon), annotation_type="polygon")
    question = StartRun(run_id="r", project_id="p", kind="quick", model="x", media=["m"], author="u")
    with pytest.raises(Problem, match=r"quick_label_needs_box.*polygon"):
        choose_gaps(question, None, state, [])  # type: ignore[arg-type]
