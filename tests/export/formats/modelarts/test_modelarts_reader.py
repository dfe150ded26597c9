"""ModelArts manifests: everything the format supports survives export and import; folders are read as ModelArts
does."""

import json
import re
from typing import Any

import pytest
from defusedxml import ElementTree
from hypothesis import given

from common.contract.labels import ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import Box, Circle, ImageTag, Line, Part, Points, Polygon, Polyline
from export.formats.registry import READERS
from tests.export.made import dataset, keyframe, labeled, medium, shape_object
from tests.export.parsing.alike import Row, differences, row
from tests.export.parsing.made_archives import objects, opened, packed, read, reasons, targets, written
from tests.export.parsing.returned import returned
from tests.export.strategies import FRAMES, projects

NAME = "ModelArts manifest"
MEDIA = [
    medium("m1", "a.mp4", FRAMES, width=64, height=48),
    medium("m2", "dir/b c.mp4", FRAMES, width=64, height=48, fps=29.97),
    medium("i1", "c.jpg", width=64, height=48),
]
_MANIFEST = "annotation/V001/V001.manifest"


def comparable(states: list[ObjectState]) -> list[ObjectState]:
    """The objects with at most one label of each class per file, as in a project."""
    result: dict[Any, ObjectState] = {}
    for state in states:
        is_label = state.annotation_type == "label"
        result.setdefault((state.media_id, state.category) if is_label else state.id, state)
    return list(result.values())


def rows(files: dict[str, bytes]) -> list[Row]:
    """The content of every labeled sample, without creation times."""
    result = []
    for line in files[_MANIFEST].decode().strip().split("\n"):
        sample = json.loads(line)
        for mark in sample.pop("annotation", []):
            mark.pop("creation-time", None)
            result.append(row([sample, mark]))
    for name, content in files.items():
        if name.endswith(".xml"):
            for element in ElementTree.fromstring(content).iter("object"):
                attributes = sorted(ElementTree.tostring(each) for each in element.iter("attribute"))
                plain = re.sub(rb"<attributes>.*</attributes>", b"", ElementTree.tostring(element), flags=re.DOTALL)
                result.append(row([name, plain.decode(), [attribute.decode() for attribute in attributes]]))
    return result


@given(projects(reach=500, most=4))
def test_a_project_survives_export_and_import_sample_by_sample(states: list[ObjectState]) -> None:
    round_trip = returned(NAME, MEDIA, comparable(states), missions=())

    assert not round_trip.skipped
    assert not differences(rows(round_trip.before), rows(round_trip.after))


def test_shapes_attributes_and_scores_survive_a_round_trip() -> None:
    states = [
        labeled("o1", keyframe(3, 1, 2, 30, 40, occluded=True, score=0.5), type="car-1", attributes={"doors-1": 4.0}),
        shape_object("o2", Circle(cx=3, cy=4, r=2), media_id="i1"),
        shape_object("o3", Line(x1=1, y1=2, x2=3, y2=4, dashed=True), media_id="i1"),
        shape_object("o4", Polyline(points=[(1, 2), (3, 4), (5, 6)]), media_id="i1"),
        shape_object("o5", Points(points=[(1, 2)]), media_id="i1"),
        shape_object(
            "o6", ImageTag(), media_id="i1", score=0.25, source="model", attributes={"lit": True}, type="car-1"
        ),
    ]

    box, *shapes, label = sorted(
        objects(read(NAME, written(NAME, dataset(MEDIA, states)), targets(MEDIA))),
        key=lambda each: (each.media_id == "i1", each.kind == "label"),
    )

    assert [(key.frame, key.outside, key.occluded, key.score) for key in box.keyframes] == [
        (3, False, True, 0.5),
        (4, True, False, None),
    ]
    assert (box.category, box.type, box.attributes) == ("Vehicle", "Car", {"Doors": 4.0})
    assert {shape.kind: shape.keyframes[0].geometry for shape in shapes} == {
        state.annotation_type: state.keyframes[0].geometry for state in states[1:5]
    }
    assert (label.score, label.source, label.attributes, label.type) == (0.25, "model", {"lit": True}, "Car")


def manifest(*samples: Any, **files: str) -> list[Any]:
    lines = "\r\n".join(sample if isinstance(sample, str) else json.dumps(sample) for sample in samples)
    made = {"data/V003.manifest": "\ufeff" + lines, **files}
    return read(NAME, opened(packed({name: content.encode() for name, content in made.items()})), targets(MEDIA))


def detection(place: str) -> dict[str, Any]:
    return {"type": "modelarts/object_detection", "annotation-loc": place, "annotation-format": "PASCAL VOC"}


def thing(inside: str, name: str = "car") -> str:
    return f"<annotation><object><name>{name}</name>{inside}</object></annotation>"


@pytest.mark.parametrize(
    ("inside", "geometry"),
    [
        ("<point><x>1</x><y>2</y></point>", Points(points=[(1, 2)])),
        ("<point><x1>1</x1><y1>2</y1></point>", Points(points=[(1, 2)])),
        ("<line><x2>3</x2><y2>4</y2><x1>1</x1><y1>2</y1></line>", Line(x1=1, y1=2, x2=3, y2=4)),
        ("<circle><cx>1</cx><cy>2</cy><r>3</r></circle>", Circle(cx=1, cy=2, r=3)),
        (
            "<polygon><x1>1</x1><y1>2</y1><x2>3</x2><y2>4</y2><x3>5</x3><y3>6</y3></polygon>",
            Polygon(parts=[Part(outer=[(1, 2), (3, 4), (5, 6)])]),
        ),
        ("<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox>", Box(x1=1, y1=2, x2=3, y2=4)),
    ],
)
def test_every_shape_of_modelarts_is_read(inside: str, geometry: Any) -> None:
    sample = {"source": "s3://bucket/in/c.jpg", "annotation": [detection("s3://bucket/out/annotation/c.xml")]}

    (item,) = manifest(sample, **{"annotation/c.xml": thing(inside)})

    assert item.keyframes[0].geometry == geometry


def test_a_time_in_a_video_is_its_nearest_frame() -> None:
    about = {"@modelarts:parent_source": "s3://bucket/dir/b c.mp4", "@modelarts:time_in_video": 10 / 29.97 + 0.01}
    box = thing("<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox>")

    by_property, by_name = manifest(
        {"source": "s3://bucket/b c/1.jpg", "property": about, "annotation": [detection("x/1.xml")]},
        {"source": "s3://bucket/images/a/a_t0.2.jpg", "annotation": [detection("x/2.xml")]},
        **{"x/1.xml": box, "x/2.xml": box},
    )

    assert (by_property.media_id, by_property.keyframes[0].frame) == ("m2", 10)
    assert (by_name.media_id, by_name.keyframes[0].frame) == ("m1", 5)


def test_label_files_beside_images_are_read_as_modelarts_does() -> None:
    box = thing("<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox>", "dog")
    files = {"in/c.jpg": b"", "in/c.txt": b"\xef\xbb\xbfcat\r\n\r\nbig dog 2\n", "in/c.xml": box.encode()}
    bundle = opened(packed(files))

    entries = read(NAME, bundle, targets(MEDIA))

    assert [(imported.category, imported.kind) for imported in objects(entries)] == [
        ("cat", "label"),
        ("big dog 2", "label"),
        ("dog", "bbox"),
    ]
    certainty = {name: reader.detect(bundle) for name, reader in READERS.items()}
    assert max(certainty, key=lambda name: certainty[name]) == NAME
    assert certainty[NAME] > 0.5


@pytest.mark.parametrize("rows_", ["0 0.5 0.5 0.1 0.1", "Car 0.00 0 -1 1 2 3 4 -1 -1 -1 -1 -1 -1 -1", "a,b", ""])
def test_rows_of_numbers_beside_images_are_not_labels(rows_: str) -> None:
    bundle = opened(packed({"in/c.jpg": b"", "in/c.txt": rows_.encode()}))

    assert READERS[NAME].detect(bundle) == 0


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ("{", "row_malformed"),
        ("[]", "row_malformed"),
        ({"annotation": []}, "field_missing"),
        ({"source": 7}, "field_not_text"),
        ({"source": "c.jpg", "annotation": [7]}, "row_malformed"),
        ({"source": "c.jpg", "annotation": [detection("gone.xml")]}, "file_not_in_archive"),
        ({"source": "c.jpg", "annotation": [detection("bad.xml")]}, "invalid_xml"),
        (
            {"source": "c.jpg", "annotation": [{"type": "modelarts/audio_content", "name": "x"}]},
            "annotation_type_unsupported",
        ),
        ({"source": "c.jpg", "annotation": [{"type": "modelarts/image_classification"}]}, "field_missing"),
        (
            {
                "source": "c.jpg",
                "annotation": [{"type": "modelarts/image_classification", "name": "x", "confidence": 7}],
            },
            "less_than_equal",
        ),
        ({"source": "a.mp4", "property": {}, "annotation": [detection("bad.xml")]}, "invalid_xml"),
    ],
)
def test_a_malformed_sample_is_skipped_with_a_reason(broken: Any, code: str) -> None:
    good = {"source": "c.jpg", "annotation": [{"type": "modelarts/image_classification", "name": "cat"}]}

    result = manifest(broken, good, **{"bad.xml": "<annotation>"})

    (skipped,) = [entry for entry in result if isinstance(entry, SkippedRow)]
    assert skipped.reason.code == code
    assert len(objects(result)) == 1


def test_samples_without_a_match_are_reported_once() -> None:
    label = {"type": "modelarts/image_classification", "name": "cat"}

    result = manifest(
        {"source": "s3://bucket/gone.jpg", "annotation": [label, label]}, {"source": "x.mp4", "sample-type": 6}
    )

    assert reasons(result) == [("data/V003.manifest, line 1", "no_such_file", 2)]
