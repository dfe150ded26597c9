"""ModelArts manifest, parsed as plain JSON Lines and XML."""

import json
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml import ElementTree
from hypothesis import given

from common.contract.labels import Keyframe, ObjectState
from common.geometry.types import Bitmap, Circle, Ellipse, ImageTag, Line, Part, Points, Polygon, Polyline
from export.dataset.capabilities import Feature
from export.dataset.dataset import Dataset
from export.formats.modelarts.format import FORMAT
from export.formats.modelarts.writer import BETWEEN
from tests.export.made import archive, dataset, dropped, every_frame, keyframe, labeled, medium, shape_object
from tests.export.strategies import FRAMES, projects

NAME = "ModelArts manifest"
MANIFEST = "annotation/V001/V001.manifest"
RING: list[Any] = [(10, 10), (60, 10), (60, 50)]


def read(made: Dataset) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    files = archive(NAME, made)
    return [json.loads(line) for line in files[MANIFEST].splitlines()], files


def test_a_frame_of_a_video_with_a_keyframe_is_a_sample_named_by_its_time() -> None:
    walker = labeled("o1", keyframe(3, 1, 2, 3.456, 4, occluded=True, score=0.5), created_at=1.7e9, type="car-1")

    made = dataset([medium(frames=6, fps=30.0)], [walker])
    (sample,), files = read(made)

    xml = "annotation/V001/annotations/a/a_t0.100000.xml"
    assert sample == {
        "source": "images/a/a_t0.100000.jpg",
        "sample-type": 0,
        "annotation": [
            {
                "type": "modelarts/object_detection",
                "annotation-loc": xml,
                "annotation-format": "PASCAL VOC",
                "annotated-by": "human",
                "creation-time": "2023-11-14 22:13:20",
            }
        ],
        "property": {
            "@modelarts:parent_source": "a.mp4",
            "@modelarts:parent_duration": 0.2,
            "@modelarts:time_in_video": 0.1,
        },
    }
    assert files[xml].decode() == (
        "<annotation>\n<folder>images/a</folder>\n<filename>a_t0.100000.jpg</filename>\n"
        "<source><database>Unknown</database></source>\n"
        "<size><width>640</width><height>480</height><depth>3</depth></size>\n<segmented>0</segmented>\n"
        "<object><name>Vehicle</name><pose>Unspecified</pose><truncated>0</truncated><occluded>1</occluded>"
        "<difficult>0</difficult><confidence>0.5</confidence>"
        "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3.46</xmax><ymax>4</ymax></bndbox>"
        "<attributes><attribute><name>type</name><value>Car</value></attribute></attributes></object>\n</annotation>\n"
    )
    assert dropped(made) == {Feature.TRACKS.loss: 1, BETWEEN: 2}


def test_every_kind_of_shape_has_its_own_tag() -> None:
    two = Polygon(parts=[Part(outer=RING), Part(outer=RING)])
    shapes: list[tuple[Any, str, int, int]] = [
        (two, "polygon", 2, 6),
        (Bitmap(x=1, y=2, width=2, height=2, runs=[0, 4]), "polygon", 1, 8),
        (Circle(cx=5, cy=6, r=7), "circle", 1, 3),
        (Ellipse(cx=5, cy=6, rx=7, ry=1), "polygon", 1, 54),
        (Line(x1=1, y1=2, x2=3, y2=4), "line", 1, 4),
        (Line(x1=1, y1=2, x2=3, y2=4, dashed=True), "dashed", 1, 4),
        (Polyline(points=[(0, 0), (1, 1), (2, 0)]), "polyline", 1, 6),
        (Points(points=[(1, 2), (3, 4)]), "point", 2, 2),
    ]
    media = [medium(f"m{number}", f"{number}.jpg") for number in range(len(shapes))]
    objects = [shape_object(f"o{number}", shape[0], media_id=f"m{number}") for number, shape in enumerate(shapes)]

    _, files = read(dataset(media, objects))

    for number, (_, tag, count, numbers) in enumerate(shapes):
        result: list[Element] = ElementTree.fromstring(files[f"annotation/V001/annotations/{number}.xml"]).findall(
            "object"
        )
        assert [[child.tag for child in entry][5:] for entry in result] == [[tag]] * count
        assert len(result[0][5]) == numbers


def test_a_rotated_box_is_a_polygon_of_its_corners() -> None:
    made = dataset([medium("m1", "a.jpg")], [labeled("o1", keyframe(0, 0, 0, 20, 10, 90))])

    _, files = read(made)

    (polygon,) = ElementTree.fromstring(files["annotation/V001/annotations/a.xml"]).iter("polygon")
    assert [float(each.text or "") for each in polygon] == [15, -5, 15, 15, 5, 15, 5, -5]
    assert dropped(made) == {FORMAT.capabilities.changed[Feature.ROTATION]: 1}


def test_labels_are_classes_and_names_survive_and_files_without_labels_are_samples() -> None:
    name = "夜 <“x”> & /\n"
    objects = [
        shape_object("o1", ImageTag(), category=name, score=0.5, attributes={"truncated-1": "No"}, source="model"),
        labeled("o2", keyframe(0), category=name),
    ]
    media = [medium("m1", "a.jpg"), medium("m2", "b.mp4"), medium("m3", "x/c.jpg")]

    samples, files = read(dataset(media, objects))

    first, video, image = samples
    assert first["annotation"][0] == {
        "type": "modelarts/image_classification",
        "name": name,
        "annotated-by": "modelarts/active-learning",
        "property": {"truncated-1": "No"},
        "confidence": 0.5,
    }
    assert ElementTree.fromstring(files["annotation/V001/annotations/a.xml"]).findtext("object/name") == name
    assert video == {"source": "b.mp4", "sample-type": 6}
    assert image == {"source": "images/x/c.jpg", "sample-type": 0}


def test_a_label_of_a_span_is_on_the_frame_where_it_begins() -> None:
    spans = [Keyframe(frame=2, geometry=ImageTag()), Keyframe(frame=4, geometry=ImageTag(), outside=True)]

    samples, _ = read(dataset([medium(frames=9)], [labeled("o1", *spans, annotation_type="label")]))

    assert [(sample["source"], sample["annotation"][0]["name"]) for sample in samples] == [
        ("images/a/a_t0.080000.jpg", "Vehicle"),
    ]


def test_only_images_of_samples_are_exported_and_subsets_are_usages() -> None:
    made = dataset(
        [medium(frames=6), medium("m2", "b.jpg")], [labeled("o1", keyframe(1), keyframe(4))], images=every_frame
    )
    made.media = [replace(each, subset="train" if each.kind == "video" else "val") for each in made.media]

    samples, files = read(made)

    assert {name for name in files if name.startswith("images")} == {sample["source"] for sample in samples}
    assert files["images/a/a_t0.160000.jpg"] == b"m1 4"
    assert [sample["usage"] for sample in samples] == ["TRAIN", "TRAIN", "EVAL"]
    assert made.progress.share == 1
    assert made.progress.done == made.progress.total


@given(written=projects(reach=500, most=6))
def test_every_annotation_is_there_and_every_file_is_named_once(written: list[ObjectState]) -> None:
    media = [medium("m1", "a.mp4", FRAMES), medium("m2", "b.mp4", FRAMES), medium("i1", "c.jpg")]

    samples, files = read(dataset(media, written))

    named = [
        each["annotation-loc"]
        for sample in samples
        for each in sample.get("annotation", ())
        if "annotation-loc" in each
    ]
    assert sorted(named) == sorted(files.keys() - {MANIFEST})
    assert len({sample["source"] for sample in samples}) == len(samples)
    assert all(ElementTree.fromstring(files[name]).find("object") is not None for name in named)
