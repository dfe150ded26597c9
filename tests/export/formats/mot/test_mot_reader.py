"""MOT: sequences are matched with media, and rows become tracks; archives of other programs are imported."""

from collections import defaultdict

import pytest
from hypothesis import given

from common.contract.labels import ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import Box
from export.formats.registry import READERS
from export.parsing.detect_format import detect_format
from export.parsing.imported_object import ImportedObject
from export.parsing.reader import Parsed
from tests.export.made import keyframe, labeled, medium
from tests.export.parsing.made_archives import objects, opened, packed, read, targets
from tests.export.parsing.returned import assert_same_rows, returned
from tests.export.strategies import FRAMES, projects

NAME = "MOT 1.1"
MEDIA = [medium("m1", "a.mp4", FRAMES), medium("m2", "dir/b c.mp4", FRAMES), medium("i1", "a.jpg")]
ONLY = [medium("m1", "a.mp4", 4)]
CHALLENGE = b"1,2,10.5,20,5,6,1,3,0.25\r\n2,2,11,20,5,6,1,3,1\r\n2,-1,1,1,2,2,0.5,-1,0\r\n"


def rows(files: dict[str, bytes]) -> dict[str, list[list[str]]]:
    """The rows of each track, with class names and without track numbers; the id of another mission's class becomes
    that class."""
    result: dict[str, list[list[str]]] = {}
    for name in (file for file in files if file.endswith("gt/gt.txt")):
        classes = files[name.replace("gt.txt", "labels.txt")].decode().replace("vehicle-1", "Vehicle").split("\n")
        tracks: defaultdict[str, list[str]] = defaultdict(list)
        for line in files[name].decode().splitlines():
            frame, track, *box, confidence, number, visibility = line.split(",")
            tracks[track].append(" ".join([frame, *box, confidence, classes[int(number) - 1], visibility]))
        result[name] = sorted(sorted(each) for each in tracks.values())
    return result


@given(projects(reach=500, most=4))
def test_every_exported_row_is_imported(states: list[ObjectState]) -> None:
    assert_same_rows(NAME, MEDIA, states, rows)


def test_tracks_keep_all_properties_of_rows() -> None:
    states = [
        labeled("o1", keyframe(0), keyframe(2, occluded=True), keyframe(3, outside=True), keyframe(6)),
        labeled("o2", keyframe(1, 1, 2, 3, 4), keyframe(2, outside=True), attributes={"visibility": 0.25}),
        labeled("o3", media_id="i1", category="Pedestrian", attributes={"ignored": True}),
        labeled("o4", keyframe(FRAMES - 1), media_id="m2"),
    ]

    result = {
        (imported.media_id, len(imported.keyframes)): imported for imported in returned(NAME, MEDIA, states).objects
    }

    track, short, image, last = result["m1", 28], result["m1", 2], result["i1", 1], result["m2", 1]
    assert [(each.frame, each.occluded, each.outside) for each in track.keyframes[:5]] == [
        (0, False, False), (1, False, False), (2, True, False), (3, False, True), (6, False, False)
    ]  # fmt: skip
    assert (short.attributes, short.keyframes[0].geometry) == ({"visibility": 0.25}, Box(x1=1, y1=2, x2=3, y2=4))
    assert (image.category, image.attributes) == ("Pedestrian", {"ignored": True})
    assert (last.category, last.keyframes[0].frame) == ("Vehicle", FRAMES - 1)


def parsed(files: dict[str, bytes], media: list[object] | None = None) -> list[Parsed]:
    return read(NAME, opened(packed(files)), targets(media or MEDIA))  # type: ignore[arg-type]


def test_rows_of_the_challenges_go_to_the_only_video() -> None:
    for bundle in (opened(CHALLENGE, "gt.txt"), opened(packed({"gt/gt.txt": CHALLENGE}))):
        assert detect_format(bundle, None, READERS)[0] == NAME

        free, car = read(NAME, bundle, targets([*ONLY, medium("i1", "c.jpg")]))

        assert isinstance(free, ImportedObject)
        assert isinstance(car, ImportedObject)
        assert (free.category, free.keyframes[0].score, free.keyframes[0].occluded) == ("Pedestrian", 0.5, True)
        assert (car.category, [(each.frame, each.outside) for each in car.keyframes]) == (
            "Car", [(0, False), (1, False), (2, True)]
        )  # fmt: skip
        assert car.keyframes[0].attributes == {"visibility": 0.25}


@pytest.mark.parametrize("columns", [6, 7, 8, 9, 10])
def test_rows_have_as_many_numbers_as_programs_write(columns: int) -> None:
    row = ",".join(["1", "1", "1", "2", "3", "4", "1", "2", "1", "-1"][:columns]).encode()

    (imported,) = objects(parsed({"gt/gt.txt": row}, [*ONLY]))

    assert imported.keyframes[0].geometry == Box(x1=1, y1=2, x2=4, y2=6)
    assert imported.category == ("Person on vehicle" if columns in (8, 9) else "Pedestrian")


def test_a_sequence_is_called_by_its_file_or_its_folder() -> None:
    row = b"1,1,1,2,3,4,1,1,1"
    files = {
        "MOT/train/x/gt/gt.txt": row,
        "MOT/train/x/seqinfo.ini": b"[Sequence]\r\nname = dir\\b c\r\nseqLength=30\r\n",
        "MOT/train/a/gt/gt.txt": row,
        "MOT/train/a/gt/labels.txt": b"Lorry\r\n",
        "a/gt/gt.txt": row,
        "a/seqinfo.ini": b"name=a\nseqLength=1\n",
    }

    result = {(imported.media_id, imported.category) for imported in objects(parsed(files))}

    assert result == {("m2", "Pedestrian"), ("m1", "Lorry"), ("i1", "Pedestrian")}


def test_frames_without_an_image_are_not_in_the_sequence() -> None:
    files = {"gt/gt.txt": b"1,1,1,2,3,4,1\n3,1,1,2,3,4,1\n", "img1/000001.jpg": b"", "img1/000003.jpg": b""}

    (imported,) = objects(parsed(files, [*ONLY]))

    assert [(each.frame, each.outside) for each in imported.keyframes] == [(0, False), (2, False)]


def test_where_there_is_no_video_images_called_by_their_number_are_meant() -> None:
    media = [medium("i1", "000001.jpg"), medium("i2", "000002.jpg")]

    imported = objects(parsed({"seq/gt/gt.txt": b"1,1,1,2,3,4,1\n2,1,1,2,3,4,1\n"}, [*media]))

    assert [entry.media_id for entry in imported] == ["i1", "i2"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (b"1,1,1,2,3", "values_count_wrong"),
        (b"1,1,1,2,3,x,1,1,1", "not_a_number"),
        (b"1,1,1,2,3,4,1,99,1", "no_such_class"),
        (b"1,1,1,2,3,4,1,0,1", "no_such_class"),
        (b"9,1,1,2,3,4,1,1,1", "no_such_frame"),
        (b"0,1,1,2,3,4,1,1,1", "no_such_frame"),
        (b"inf,1,1,2,3,4,1,1,1", "row_malformed"),
        (b"1,1,1,nan,3,4,1,1,1", "finite_number"),
        (b"1,1,1e308,2,1e308,4,1,1,1", "finite_number"),
        (b"1,-1,1,2,3,4,nan,1,1", None),
        (b"\xff\xfe,1,1,2,3,4,1", "not_a_number"),
    ],
)
def test_a_malformed_row_is_skipped_with_a_reason(row: bytes, code: str | None) -> None:
    entries = parsed({"gt/gt.txt": row + b"\n1,2,1,2,3,4,1,1,1\n"}, [*ONLY])

    assert [entry.reason.code for entry in entries if isinstance(entry, SkippedRow)] == [code] * bool(code)
    assert len(objects(entries)) == 1 + (code is None)


def test_a_sequence_of_no_medium_is_reported_once() -> None:
    (unknown,) = parsed({"x/gt/gt.txt": CHALLENGE})
    (unclear,) = parsed({"gt/gt.txt": CHALLENGE})

    assert isinstance(unknown, SkippedRow)
    assert isinstance(unclear, SkippedRow)
    assert (unknown.where, unknown.reason.code, unknown.count) == ("x/gt/gt.txt", "no_such_file", 3)
    assert (unclear.reason.code, unclear.count) == ("video_ambiguous", 3)


@pytest.mark.parametrize("content", [b"hello\n", b"1,2,3\n", b"1 2 3 4 5 6 7\n", b"a,b,c,d,e,f,g\n"])
def test_other_texts_are_not_detected(content: bytes) -> None:
    assert READERS[NAME].detect(opened(content, "gt.txt")) == 0.0
    assert READERS[NAME].detect(opened(packed({"gt/gt.txt": content}))) == 0.0
