"""Every format writes an archive of any stored content, and reports what it loses."""

import json
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as validator

from common.contract.labels import ObjectState
from export.dataset import dataset as dataset_module
from export.dataset.capabilities import KINDS, Capabilities, Feature
from export.dataset.dataset import Dataset
from export.dataset.labels import FAR_OUT
from export.formats.registry import FORMATS
from tests.export.made import archive, dataset, dropped, keyframe, labeled, medium
from tests.export.strategies import FRAMES, projects

MEDIA = [medium("m1", "a.mp4", FRAMES), medium("m2", "b.mp4", FRAMES, width=64, height=48), medium("i1", "c.jpg")]
# Each property is tried with every format.
_FEWER = settings(max_examples=settings().max_examples // 2)


def raw(states: list[dict[str, Any]]) -> Dataset:
    """A dataset of one medium with objects as other versions stored them."""
    return dataset([medium()], snapshot=[json.dumps(state).encode() for state in states])


def known(name: str) -> set[str]:
    """The losses that a format declares, and those that any export may have."""
    return {*FORMATS[name].losses, FAR_OUT, dataset_module.UNREADABLE}


@pytest.mark.parametrize("name", FORMATS)
@given(written=projects(most=8))
@_FEWER
def test_no_state_keeps_an_export_from_leaving(name: str, written: list[ObjectState]) -> None:
    made = dataset(MEDIA, written)

    files = archive(name, made)

    assert files
    assert set(dropped(made)) <= known(name)
    assert all(is_well_formed(path, content) for path, content in files.items())


@pytest.mark.parametrize("name", FORMATS)
@given(written=projects(reach=1.7e308, most=4))
@_FEWER
def test_extreme_coordinates_do_not_prevent_an_export(name: str, written: list[ObjectState]) -> None:
    made = dataset(MEDIA, written)

    assert all(is_well_formed(path, content) for path, content in archive(name, made).items())
    assert set(dropped(made)) <= known(name)


def is_well_formed(path: str, content: bytes) -> bool:
    """Whether a file's content matches its suffix; true for unknown suffixes."""
    match path.rpartition(".")[2]:
        case "json":
            return is_strict_json(content)
        case "xml":
            return ElementTree.fromstring(content) is not None
        case "png" | "bmp":
            return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED) is not None
    return True


def is_strict_json(content: bytes) -> bool:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    return json.loads(content, parse_constant=refuse) is not None


@given(projects(reach=500, most=4))
def test_every_segmentation_of_coco_can_be_rasterized(written: list[ObjectState]) -> None:
    document = json.loads(archive("COCO 1.0", dataset(MEDIA, written))["annotations/instances_default.json"])

    images = {image["id"]: image for image in document["images"]}
    ids = [annotation["id"] for annotation in document["annotations"]]
    assert ids == list(range(1, len(ids) + 1))
    for annotation in document["annotations"]:
        image, segmentation = images[annotation["image_id"]], annotation["segmentation"]
        if segmentation:
            encoded = validator.frPyObjects(segmentation, image["height"], image["width"])
            if isinstance(segmentation, dict):
                assert validator.area(encoded) == annotation["area"]
                assert validator.toBbox(encoded).tolist() == annotation["bbox"]


broken = st.sampled_from(
    [
        {"keyframes": []},
        {"keyframes": None},
        {"keyframes": [{"frame": 0}]},
        {"keyframes": [{"frame": 0, "geometry": {"kind": "polygon", "parts": []}}]},
        {"keyframes": [{"frame": "x", "geometry": {"kind": "bbox", "x1": 0, "y1": 0, "x2": 1, "y2": 1}}]},
        {"keyframes": [{"frame": 0, "geometry": {"kind": "bbox", "x1": None, "y1": 0, "x2": 1, "y2": 1}}]},
        {"annotation_type": "bitmap"},
        {"attributes": "none"},
        {"behaviors": [1]},
        {"mission": {}},
        {"mission": None},
        {"category": ["x"]},
        {"id": None},
        {"revision": "first"},
        {"preferred_at": "yesterday", "annotation_type": "label"},
    ]
)


@pytest.mark.parametrize("name", FORMATS)
@given(spoiled=broken)
@_FEWER
def test_an_unreadable_object_does_not_prevent_the_export_of_others(name: str, spoiled: dict[str, Any]) -> None:
    good = labeled("o1").model_dump(mode="json")
    made = raw([good, labeled("o2").model_dump(mode="json") | spoiled])

    archive(name, made)

    assert dropped(made)[dataset_module.UNREADABLE] == 1
    assert len(list(all_objects(dataset([medium()], [labeled("o1")])))) == 1


def all_objects(made: Dataset) -> Iterator[Any]:
    for labels in made.labels():
        yield from labels.objects


@pytest.mark.parametrize("name", FORMATS)
def test_content_of_newer_versions_is_counted_and_the_rest_is_exported(name: str) -> None:
    plain = labeled("o1", keyframe(0)).model_dump(mode="json")
    newer = [
        labeled("o2").model_dump(mode="json") | {"mood": "happy"},
        labeled("o3").model_dump(mode="json") | {"annotation_type": "mesh"},
        json.loads(labeled("o4").model_dump_json().replace('"rotation"', '"depth": 4.0, "rotation"')),
        json.loads(labeled("o5").model_dump_json().replace('"occluded"', '"blurred": true, "occluded"')),
    ]

    made = raw([plain, *newer])
    archive(name, made)

    assert made.report.losses
    assert dropped(made)[dataset_module.UNKNOWN_KIND] == 1
    assert dropped(made)[dataset_module.UNKNOWN_FIELD] == 3


@pytest.mark.parametrize("name", FORMATS)
def test_every_loss_of_a_format_has_a_sentence(name: str) -> None:
    reasons = FORMATS[name].cannot_carry

    assert len({reason.code for reason in reasons}) == len(reasons)
    assert all(reason.message[0].isupper() for reason in reasons)


def test_a_format_with_all_capabilities_loses_nothing() -> None:
    everything = Capabilities.everything()

    assert everything.losses == ()
    assert everything.lost([*KINDS, *Feature]) == []


def test_a_kind_or_feature_exported_in_another_form_is_counted_as_that() -> None:
    capabilities = Capabilities(frozenset({"ellipse"}), frozenset(), {"ellipse": "ellipses_as_polygons"})

    assert capabilities.lost(["ellipse", Feature.DONE]) == ["lost_done", "ellipses_as_polygons"]
    assert "ellipses_as_polygons" in capabilities.losses
