"""ImageNet training and validation: every image is on one side, and each label has its share on both."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.contract.missions import Category, Mission
from common.contract.questions import SubsetSplit
from common.geometry.types import ImageTag
from export.dataset.split import FrameSelection
from export.formats.imagenet.split import validation_names
from tests.export.made import archive, dataset, dropped, every_frame, medium, shape_object

NAME = "ImageNet training and validation"
FLOWERS = ["tulips", "daisy", "roses", "sunflowers", "dandelion"]
MISSION = Mission(
    id="flowers", name="flowers", categories=[Category(id=name, name=name, color="#ff0000") for name in FLOWERS]
)
MEDIA = [medium(f"i{at:02}", f"set/{at:02}.jpg") for at in range(50)]
STATES = [
    shape_object(f"o{at:02}", ImageTag(), media_id=f"i{at:02}", category=FLOWERS[at % 5], mission="flowers")
    for at in range(50)
]


def made(split: SubsetSplit | None = None, *, images: bool = True) -> dict[str, bytes]:
    whole = dataset(MEDIA, STATES, [MISSION], images=every_frame if images else None)
    return archive(NAME, FrameSelection(split=split).narrowed(whole))


def test_labels_have_numbers_in_the_order_of_the_alphabet() -> None:
    result = made()["labels.json"]

    assert result == b'{\n  "daisy": 0,\n  "dandelion": 1,\n  "roses": 2,\n  "sunflowers": 3,\n  "tulips": 4\n}\n'


def test_each_label_has_its_share_on_both_sides() -> None:
    paths = [name.split("/") for name in made(SubsetSplit(train=0.7, val=0.3, test=0)) if name != "labels.json"]

    assert Counter((side, label) for side, label, _ in paths) == {
        **{("training", label): 7 for label in FLOWERS},
        **{("validation", label): 3 for label in FLOWERS},
    }
    assert len({name for *_, name in paths}) == len(MEDIA)


def test_the_seed_decides_and_the_same_is_the_same_again() -> None:
    first, again, other = (made(SubsetSplit(seed=seed)) for seed in (1, 1, 2))

    assert list(first.items()) == list(again.items())
    assert first.keys() != other.keys()


def test_without_images_the_paths_are_listed() -> None:
    files, shown = made(images=False), made()

    listed = [line for side in ("training", "validation") for line in files[f"{side}.txt"].decode().splitlines()]
    assert files["labels.json"] == shown["labels.json"]
    assert {*listed, "labels.json"} == shown.keys()


def test_an_image_with_several_labels_is_on_one_side_and_unlabeled_images_are_reported() -> None:
    states = [*STATES[:10], shape_object("x", ImageTag(), media_id="i00", category="roses", mission="flowers")]
    whole = dataset(MEDIA, states, [MISSION], images=every_frame)

    names = archive(NAME, whole).keys()

    assert sorted(name.split("/")[1] for name in names if name.endswith("set_00.jpg")) == ["roses", "tulips"]
    assert len({name.split("/")[0] for name in names if name.endswith("set_00.jpg")}) == 1
    assert dropped(whole)["lost_unlabeled_images"] == 40
    assert json.loads(archive(NAME, dataset(MEDIA, [], [MISSION]))["labels.json"]) == {}


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 40), max_size=4), st.floats(0, 1), st.integers(0, 9))
def test_a_share_is_within_rounding_and_no_side_is_empty(sizes: dict[str, int], share: float, seed: int) -> None:
    names_of = {label: [f"{label}/{number}" for number in range(count)] for label, count in sizes.items()}

    result = validation_names(names_of, share, seed)

    for names in names_of.values():
        kept = len(result.intersection(names))
        assert abs(kept - len(names) * share) <= 1
        if len(names) > 1 and 0 < share < 1:
            assert 0 < kept < len(names)
    assert result == validation_names({label: names[::-1] for label, names in names_of.items()}, share, seed)


@pytest.mark.parametrize(("share", "kept"), [(0.0, 0), (1.0, 1), (0.9, 0)])
def test_a_single_image_is_for_training_unless_the_share_is_one(share: float, kept: int) -> None:
    assert len(validation_names({"a": ["x"]}, share, 0)) == kept
