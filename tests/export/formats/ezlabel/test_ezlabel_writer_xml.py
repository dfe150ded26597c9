"""ezLabel XML: the elements that old readers know, and the additional ones."""

from typing import Any

from defusedxml import ElementTree

from common.contract.labels import Behavior
from common.geometry.types import Circle, Part, Polygon, Polyline
from export.dataset.dataset import Dataset
from export.dataset.rows import NOTHING
from export.dataset.texts import REPLACED
from export.formats.ezlabel import format as ezlabel_format
from tests.export.formats.examples import HOLE, RING
from tests.export.made import archive, dataset, dropped, every_frame, keyframe, labeled, medium, shape_object


def objects_on(made: Dataset, name: str) -> list[Any]:
    return ElementTree.fromstring(archive("ezLabel XML", made)[f"Annotations/{name}.xml"]).findall("object")


def test_a_frame_is_written_as_ezlabel_writes_it() -> None:
    made = dataset([medium(name="1_40_00.mp4", frames=1)], [labeled("o1", keyframe(0, 0, 2, 30, 40))])

    assert archive("ezLabel XML", made) == {
        "Annotations/1_40_00.mp4_00001.xml": (
            b"<annotation>\n<object>\n<filename>All/1_40_00.mp4/1_40_00.mp4_00001.jpg</filename>\n<name>Vehicle</name>\n"
            b"<bndbox><xmin>0</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax></bndbox>\n<id>1</id>\n"
            b"</object>\n</annotation>\n"
        )
    }
    assert dropped(made) == {}


def test_an_object_keeps_its_id_and_lists_its_disappearances_and_behaviors() -> None:
    turning = Behavior(id="b1", name="turn-1", attribute="Left", first=1, last=2)
    car = labeled(
        "o1",
        keyframe(0, 0, 0, 10, 10, attributes={"truncated-1": "No"}),
        keyframe(2, 0, 0, 10, 10, outside=True),
        keyframe(4, 0, 0, 10, 10),
        keyframe(5, 0, 0, 10, 10, outside=True),
        type="car-1",
        behaviors=[turning],
    )
    made = dataset([medium(frames=8)], [labeled("o0", keyframe(0, 1, 1, 2, 2), z_order=-1), car])

    seen = {number: objects_on(made, f"a.mp4_{number:05d}")[1:] for number in range(1, 9)}

    assert [number for number, each in seen.items() if each] == [1, 2, 5]
    second = seen[2][0]
    assert (second.findtext("id"), second.findtext("type")) == ("2", "Car")
    assert [(each.get("name"), each.text) for each in second.findall("attribute")] == [("Truncated", "No")]
    gone = [[each.attrib for each in seen[number][0].findall("disappearance")] for number in (1, 2, 5)]
    assert gone == [[], [{"first": "3", "last": "4"}], [{"first": "6", "last": "8"}]]
    shown = [[each.attrib for each in seen[number][0].findall("behavior")] for number in (1, 2, 5)]
    assert shown == [[], [{"type": "Turn", "attribute": "Left", "first": "2", "last": "3"}], []]


def test_an_object_that_is_never_visible_is_not_exported() -> None:
    assert objects_on(dataset([medium(frames=1)], [labeled("o1", keyframe(0, outside=True))]), "a.mp4_00001") == []


def test_shapes_other_than_whole_pixel_boxes_have_polygons() -> None:
    objects = [
        labeled("o1", keyframe(0, 0.4, 0, 10.6, 10)),
        labeled("o2", keyframe(0, 0, 0, 10, 20, 90)),
        shape_object(
            "o3", Polygon(parts=[Part(outer=RING, holes=[HOLE]), Part(outer=[(100, 10), (120, 10), (110, 30)])])
        ),
        shape_object("o4", Circle(cx=50, cy=50, r=10)),
        shape_object("o5", Polyline(points=[(0, 0), (1, 1)])),
        shape_object("o6", Polygon(parts=[Part(outer=RING[:2])])),
    ]
    made = dataset([medium("m1", "a.png", content_type="image/png")], objects)

    result = objects_on(made, "a.png_00001")

    boxes = [[int(side.text) for side in entry.find("bndbox")] for entry in result]
    by_box = dict(zip(map(tuple, boxes), result, strict=True))
    assert sorted(by_box) == [(-5, 5, 15, 15), (0, 0, 11, 10), (10, 10, 120, 50), (40, 40, 60, 60)]
    (exact,) = by_box[0, 0, 11, 10].findall("polygon")
    assert [(point.get("x"), point.get("y")) for point in exact] == [
        ("0.40", "0.00"),
        ("10.60", "0.00"),
        ("10.60", "10.00"),
        ("0.40", "10.00"),
    ]
    assert [each.attrib for each in by_box[0, 0, 11, 10].findall("box")] == [
        {"x1": "0.40", "y1": "0.00", "x2": "10.60", "y2": "10.00"}
    ]
    assert [each.attrib for each in by_box[-5, 5, 15, 15].findall("box")] == [
        {"x1": "0.00", "y1": "0.00", "x2": "10.00", "y2": "20.00", "rotation": "90.00"}
    ]
    parts = by_box[10, 10, 120, 50].findall("polygon")
    assert [len(part.findall("pt")) for part in parts] == [4, 3]
    assert [len(hole) for hole in parts[0].findall("hole")] == [4]
    words = ezlabel_format.XML.capabilities.changed
    assert dropped(made) == {
        words["circle"]: 1,
        "lost_polyline": 1,
        NOTHING: 1,
    }


def test_any_text_survives_and_images_are_stored_at_the_paths_of_objects() -> None:
    hostile = "a\"'<&>%s\n\t\u2028 夜"
    car = labeled("o1", keyframe(0), category=f"{hostile}\x01", attributes={hostile: f"{hostile}\r"})
    made = dataset([medium("m1", "dir/é & %d.jpg"), medium("m2", "b.mp4", 2)], [car], images=every_frame)

    files = archive("ezLabel XML", made)

    assert list(files) == [
        "Annotations/dir/é & %d.jpg_00001.xml",
        "Annotations/b.mp4_00001.xml",
        "Annotations/b.mp4_00002.xml",
        "All/b.mp4/b.mp4_00001.jpg",
        "All/b.mp4/b.mp4_00002.jpg",
        "All/dir/é & %d.jpg/é & %d.jpg_00001.jpg",
    ]
    (item,) = ElementTree.fromstring(files["Annotations/dir/é & %d.jpg_00001.xml"])
    assert item.findtext("filename") in files
    assert item.findtext("name") == f"{hostile}�"
    assert [(each.get("name"), each.text) for each in item.findall("attribute")] == [(hostile, f"{hostile}\r")]
    assert dropped(made) == {REPLACED: 1}
