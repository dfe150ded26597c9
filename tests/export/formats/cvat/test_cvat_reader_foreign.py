"""CVAT's XML as its own server and other programs write it; each malformed part is reported."""

from typing import Any

import pytest

from common.contract.questions import SkippedRow
from common.geometry.types import Bitmap, Box, Ellipse, ImageTag, Keypoint, Skeleton
from export.formats.registry import READERS
from export.parsing.detect_format import detect_format
from tests.export.made import medium
from tests.export.parsing.made_archives import objects, opened, packed, read, reasons, targets

IMAGES, VIDEO = "CVAT for images 1.1", "CVAT for video 1.1"
CLIP, OTHER = medium("m1", "day 1/clip.mp4", 10), medium("m2", "other.mp4", 10)
PICTURE = medium("i1", "car/x y.jpg")
LABELS = """<labels><label><name>car</name><color>#112233</color><type>any</type><attributes>
<attribute><name>lit</name><mutable>True</mutable><input_type>checkbox</input_type><default_value>false</default_value>
<values></values></attribute><attribute><name>plate</name><mutable>False</mutable><input_type>text</input_type>
<default_value></default_value><values></values></attribute></attributes></label></labels>"""
TASK = f"<task><id>7</id><name>Task 7</name><mode>interpolation</mode>{LABELS}<source>clip.mp4</source></task>"
BOX = 'xtl="1.00" ytl="2.00" xbr="3.00" ybr="4.00"'


def document(body: str, about: str = TASK, ends: str = "\r\n") -> bytes:
    meta = f"<meta>{about}<dumped>2026-01-01</dumped></meta>"
    text = (
        f'<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version>\n{meta}\n{body}\n</annotations>'
    )
    return b"\xef\xbb\xbf" + text.replace("\n", ends).encode()


def parsed(body: str, *media: Any, about: str = TASK, name: str = VIDEO) -> list[Any]:
    made = packed({"task/annotations.XML": document(body, about)})
    return read(name, opened(made), targets(media or [CLIP, OTHER, PICTURE]))


def row(frame: int, more: str = "", key: int = 1, outside: int = 0, attributes: str = "") -> str:
    fields = f'frame="{frame}" keyframe="{key}" outside="{outside}" occluded="0" {more or BOX} z_order="2"'
    return f"<box {fields}>{attributes}</box>"


def track(*rows: str, more: str = "") -> str:
    return f'<track id="0" label="car" source="manual"{more}>{"".join(rows)}</track>'


def test_a_track_of_a_video_task_goes_to_the_video_of_the_task() -> None:
    lit = '<attribute name="lit">true</attribute><attribute name="plate">007</attribute>'
    rows = [row(0, attributes=lit), row(1, key=0, attributes=lit), row(2, outside=1, attributes=lit)]

    (imported,) = objects(parsed(track(*rows)))

    assert (imported.media_id, imported.category, imported.source, imported.z_order) == ("m1", "car", "manual", 2)
    assert imported.attributes == {"lit": True, "plate": "007"}
    assert [(key.frame, key.outside) for key in imported.keyframes] == [(0, False), (2, True)]


def test_a_shape_of_one_frame_is_an_object_of_one_frame() -> None:
    first, second = objects(parsed(track(row(3), row(4, outside=1)) + track(row(9))))

    assert [(key.frame, key.outside) for key in first.keyframes] == [(3, False), (4, True)]
    assert [(key.frame, key.outside) for key in second.keyframes] == [(9, False)]


def test_several_tasks_of_a_project_go_to_their_own_videos() -> None:
    tasks = (
        "<task><id>4</id><name>other.mp4</name></task><task><id>5</id><name>n</name><source>clip.mp4</source></task>"
    )
    about = f"<project><id>1</id><name>P</name><tasks>{tasks}</tasks>{LABELS}</project>"
    belongs = [track(row(0), more=f' task_id="{number}" subset="Train"') for number in (4, 5, 6)]

    entries = parsed("".join(belongs), about=about)

    assert [imported.media_id for imported in objects(entries)] == ["m2", "m1"]
    (skipped,) = [each for each in entries if isinstance(each, SkippedRow)]
    assert skipped.reason.code == "file_not_named"


def test_a_job_that_names_no_file_goes_to_the_only_video() -> None:
    job = f"<job><id>7</id><mode>interpolation</mode>{LABELS}</job>"

    (imported,) = objects(parsed(track(row(0)), CLIP, PICTURE, about=job))
    skipped = [entry for entry in parsed(track(row(0)), about=job) if isinstance(entry, SkippedRow)]

    assert imported.media_id == "m1"
    assert len(skipped) == 1


def test_images_of_a_video_task_have_no_suffix() -> None:
    shape = f'<box label="car" source="semi-auto" occluded="1" {BOX} z_order="0" group_id="3"></box>'
    tag = '<tag label="night" source="manual"></tag>'
    body = "".join(
        f'<image id="{n}" name="frame_{n:06d}" width="64" height="48">{shape if n == 4 else ""}{tag}</image>'
        for n in range(3, 6)
    )

    box, night = objects(parsed(body, name=IMAGES))

    assert (box.media_id, box.keyframes[0].frame, box.keyframes[0].occluded) == ("m1", 4, True)
    assert (box.source, box.group is None) == ("quick", False)
    assert night.keyframes[0].geometry == ImageTag()
    assert [(key.frame, key.outside) for key in night.keyframes] == [(3, False)]


def test_images_of_a_project_are_found_by_path_and_by_task() -> None:
    tasks = "<task><id>4</id><name>car</name></task><task><id>5</id><name>bus</name></task>"
    about = f"<project><id>1</id><tasks>{tasks}</tasks>{LABELS}</project>"
    ellipse = '<ellipse label="car" source="auto" occluded="0" cx="5.00" cy="6.00" rx="4.00" ry="3.00" z_order="1"/>'
    body = "".join(
        f'<image id="0" name="x y.jpg" subset="Train" task_id="{number}" width="9" height="9">{ellipse}</image>'
        for number in (4, 5)
    )

    first, second = objects(parsed(body, PICTURE, medium("i2", "bus/x y.jpg"), about=about, name=IMAGES))

    assert (first.media_id, second.media_id) == ("i1", "i2")
    assert first.keyframes[0].geometry == Ellipse(cx=5, cy=6, rx=4, ry=3)
    assert first.source == "model"


def test_skeletons_go_out_of_view_when_all_their_points_do() -> None:
    def points(outside: int, *, nose: int = 0) -> str:
        fields = f'keyframe="1" outside="{outside}" occluded="{nose}"'
        return (
            f'<points label="nose" source="manual" {fields} points="1.00,2.00"/>'
            f'<points label="tail" source="manual" keyframe="1" outside="1" occluded="0" points="3.00,4.00"/>'
        )

    body = "".join(
        f'<skeleton frame="{frame}" keyframe="1" z_order="0">{points(out, nose=1)}</skeleton>'
        for frame, out in ((0, 0), (2, 1))
    )

    (imported,) = objects(parsed(track(body)))

    nose = Skeleton(keypoints=[Keypoint(name="nose", x=1, y=2, visible=False)])
    assert [(key.frame, key.geometry, key.outside) for key in imported.keyframes] == [(0, nose, False), (2, nose, True)]


def test_masks_of_one_group_are_a_track_where_no_frame_has_two() -> None:
    def mask(frame: int) -> str:
        at = f'frame="{frame}" keyframe="1" outside="0" occluded="0" rle="0, 2" left="{frame}" top="0" width="2"'
        return track(f'<mask {at} height="1" z_order="0"/>', more=' group_id="5"')

    (imported,) = objects(parsed("".join(map(mask, (1, 2)))))
    apart = objects(parsed("".join(map(mask, (1, 1, 2, 2)))))

    assert [key.geometry for key in imported.keyframes if not key.outside] == [
        Bitmap(x=frame, y=0, width=2, height=1, runs=[0, 2]) for frame in (1, 2)
    ]
    assert (imported.group, len(apart), len({each.group for each in apart})) == (None, 4, 1)


def test_frames_are_kept_where_cvat_interpolates_a_contour_differently() -> None:
    def line(frame: int, y: float, key: int) -> str:
        at = f'frame="{frame}" keyframe="{key}" outside="0" occluded="0" points="0.00,{y:.2f};9.00,{y:.2f}"'
        return f'<polyline {at} z_order="0"/>'

    straight, other = objects(
        parsed(
            track(*(line(frame, frame, int(frame in (0, 4))) for frame in range(5)))
            + track(*(line(frame, frame * frame, int(frame in (0, 4))) for frame in range(5)))
        )
    )

    assert [key.frame for key in straight.keyframes] == [0, 4]
    assert [key.frame for key in other.keyframes] == [0, 1, 2, 3, 4]


def test_a_file_with_images_and_tracks_is_read_as_both() -> None:
    image = f'<image id="0" name="x y.jpg" width="9" height="9"><box label="car" occluded="0" {BOX}/></image>'

    entries = objects(parsed(image + track(row(0))))

    assert [each.media_id for each in entries] == ["i1", "m1"]


@pytest.mark.parametrize(("name", "body"), [(IMAGES, '<image id="0" name="a" />'), (VIDEO, track(row(0)))])
def test_a_single_file_is_detected_by_its_content(name: str, body: str) -> None:
    single = opened(document(body), "annotations.xml")

    assert detect_format(single, None, READERS)[0] == name


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (track(row(1), row(99)), "no_such_frame"),
        (track(row(1), row(2, 'xtl="1"')), "field_missing"),
        (track(row(1), row(2, BOX.replace("1.00", "nan"))), "finite_number"),
        (track(row(1), row(2, BOX + ' rotation="x"')), "not_a_number"),
        (track(row(1), row(2).replace('outside="0"', 'outside="2"')), "field_not_boolean"),
        (track(row(1), "<blob frame='2'/>"), "shape_unsupported"),
        (track(row(1), '<polygon frame="2" points="1,1;2,2"/>'), "points_too_few"),
        (track(row(1), '<mask frame="2" rle="9" left="0" top="0" width="2" height="2"/>'), "bitmap_runs_incomplete"),
        (track(row(1), '<mask frame="2" rle="4" left="0" top="0" width="2" height="2"/>'), "mask_empty"),
        (track(row(1), '<mask frame="2" rle="4" left="0" top="0" width="99999" height="99999"/>'), "mask_too_large"),
        (track(row(1), '<points frame="2" points="1,1"/>'), "track_changes_shape"),
        (track(row(1)) + track(row(2, outside=1)), "object_never_visible"),
        (track(row(1)) + "<track id='3'/>", "field_missing"),
        (track(row(1)) + track(row(2), more=' group_id="x"'), "not_an_integer"),
        (track(row(1)) + "<image id='4'/>", "field_missing"),
        (track(row(1)) + '<image name="x y.jpg"><box label="car"/></image>', "field_missing"),
        (track(row(1)) + '<image name="x y.jpg"><attribute name="a"/></image>', "field_missing"),
        (track(row(1)) + "</annotations>", "invalid_xml"),
    ],
)
def test_a_malformed_row_is_skipped_with_a_reason(broken: str, code: str) -> None:
    entries = parsed(broken)

    (skipped,) = [each for each in entries if isinstance(each, SkippedRow)]
    assert skipped.reason.code == code
    (imported,) = objects(entries)
    assert imported.keyframes[0].geometry == Box(x1=1, y1=2, x2=3, y2=4)


def test_images_and_tasks_without_a_match_are_reported_once() -> None:
    shape = f'<box label="car" occluded="0" {BOX}/>'
    image = f'<image id="0" name="gone.jpg" width="9" height="9">{shape}{shape}</image>'

    entries = parsed(image + track(row(0)) + track(row(1)), PICTURE)

    assert reasons(entries) == [
        ("task/annotations.XML, image gone.jpg", "no_such_file", 2),
        ("task/annotations.XML, task clip.mp4 / Task 7", "no_such_file", 2),
    ]


@pytest.mark.parametrize(
    "content",
    [b"<annotation></annotation>", b"<annotations", b'<!DOCTYPE a [<!ENTITY b "c">]><annotations></annotations>'],
)
def test_a_file_of_another_format_is_reported(content: bytes) -> None:
    (skipped,) = read(VIDEO, opened(packed({"a.xml": content})), targets([CLIP]))

    assert isinstance(skipped, SkippedRow)
