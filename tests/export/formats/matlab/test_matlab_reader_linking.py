"""MATLAB ground truth: any rows are imported or reported, and shapes are linked into objects by overlap."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from common.contract.questions import SkippedRow
from common.geometry.iou import iou_matrix
from export.parsing.imported_object import ImportedObject
from export.parsing.iou_tracker import SAME_IOU, IouTracker, bounding_box
from export.parsing.reader import DeclaredMission
from tests.export.formats.matlab.ground_truth import WORDS, parsed, truth

BOXES = st.integers(0, 6).flatmap(lambda count: arrays(np.float64, (count, 4), elements=st.floats(-50, 50)))


@given(BOXES, BOXES)
def test_each_object_is_linked_once_and_only_to_what_it_overlaps(before: Any, after: Any) -> None:
    linking = IouTracker()
    ordered = (np.sort(boxes.reshape(-1, 2, 2), axis=1).reshape(-1, 4) for boxes in (before, after))
    old, new = ([(x1, y1, x2, y2) for x1, y1, x2, y2 in boxes.tolist()] for boxes in ordered)

    first, second = linking.tracks("car", 0, old), linking.tracks("car", 1, new)

    assert len(set(first)) == len(first)
    assert len(set(second)) == len(second)
    for index, track in enumerate(second):
        if track in first:
            assert iou_matrix(np.array([old[first.index(track)]]), np.array([new[index]]))[0, 0] >= SAME_IOU
    left = [box for box, track in zip(old, first, strict=True) if track not in second]
    free = [box for box, track in zip(new, second, strict=True) if track not in first]
    assert not left or not free or iou_matrix(np.array(left), np.array(free)).max() < SAME_IOU


def test_many_shapes_on_a_frame_are_not_compared_pairwise() -> None:
    linking, boxes = IouTracker(), [(0.0, 0.0, 9.0, 9.0)] * 1500

    assert not set(linking.tracks("car", 0, boxes)) & set(linking.tracks("car", 1, boxes))
    with pytest.raises(ValueError, match="coordinate_not_finite"):
        bounding_box([(float("nan"), 1.0)])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 999) | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda below: st.lists(below, max_size=5) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=3), below),
    max_leaves=20,
)


@given(st.lists(JSON | st.dictionaries(st.sampled_from(["car", "lane", "Time"]), JSON), max_size=4), JSON, JSON)
def test_any_content_is_reported_or_becomes_objects(rows: Any, source: Any, definitions: Any) -> None:
    for reported in (
        truth(rows, source),
        truth(rows),
        truth(rows, definitions=definitions),
        truth(source, definitions),
    ):
        assert all(
            isinstance(entry, ImportedObject | SkippedRow | DeclaredMission)
            for entry in parsed(reported, "a_00001.json")
        )
