"""Media are found by the names in archives; ambiguous names match none."""

import pytest

from common.contract.media import Kind
from export.parsing.media_index import MatchedFrame, MediaIndex, NoMatch, TargetMedium


def target(name: str, kind: Kind | None = None, frames: int = 10, known: str | None = None) -> TargetMedium:
    is_video = name.endswith(".mp4")
    return TargetMedium(known or name, name, kind or ("video" if is_video else "image"), frames if is_video else 1)


MEDIA = MediaIndex(
    [
        target("day 1/left.mp4"),
        target("right.mp4", frames=2000),
        target("Straße.png"),
        target("set/a.jpg"),
        target("other/a.jpg"),
        target("what?.png"),
    ]
)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("Straße.png", "Straße.png"),
        ("Stra\u00dfe.jpg", "Straße.png"),
        ("Straße", "Straße.png"),
        ("C\\data\\Straße.png", "Straße.png"),
        ("some/root/set/a.jpg", "set/a.jpg"),
        ("set/a.png", "set/a.jpg"),
        ("set_a.png", "set/a.jpg"),
        ("what_.png", "what?.png"),
        ("left.mp4", "day 1/left.mp4"),
        ("./day 1//left.mp4", "day 1/left.mp4"),
    ],
)
def test_a_path_means_a_medium(path: str, name: str) -> None:
    found = MEDIA.named(path)

    assert isinstance(found, TargetMedium), found
    assert found.name == name


@pytest.mark.parametrize(
    ("path", "code"), [("a.jpg", "file_ambiguous"), ("b.jpg", "no_such_file"), ("straße.png", "no_such_file")]
)
def test_an_ambiguous_path_has_no_match(path: str, code: str) -> None:
    found = MEDIA.named(path)

    assert isinstance(found, NoMatch)
    assert found.reason.code == code


def test_an_id_or_a_checksum_settles_it() -> None:
    two = MediaIndex(
        [TargetMedium("m1", "a.jpg", "image", 1, "0" * 64), TargetMedium("m2", "a.jpg", "image", 1, "1" * 64)]
    )

    assert isinstance(two.named("a.jpg"), NoMatch)
    assert two.named("a.jpg", "m2") == two.named("a.jpg", None, "1" * 64) == two.all[1]


@pytest.mark.parametrize(
    ("path", "number", "frame"),
    [
        ("right/frame_001999.jpg", None, 1999),
        ("images/default/day 1/left/frame_000003.PNG", None, 3),
        ("left/7.png", None, 7),
        ("day 1_left_frame_000003.jpg", None, 3),
        ("right_frame_000003.jpg", None, 3),
        ("right.mp4", 12, 12),
        ("right", 12, 12),
        ("set/a.jpg", 5, 0),
    ],
)
def test_a_picture_means_a_frame(path: str, number: int | None, frame: int) -> None:
    found = MEDIA.frame(path, number)

    assert isinstance(found, MatchedFrame), found
    assert found.frame == frame


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("right/frame_002000.jpg", "no_such_frame"),
        ("right.mp4", "frame_not_given"),
        ("frame_000001.jpg", "video_ambiguous"),
        ("nowhere/frame_000001.jpg", "no_such_file"),
    ],
)
def test_a_frame_that_is_not_there_is_reported(path: str, code: str) -> None:
    found = MEDIA.frame(path)

    assert isinstance(found, NoMatch)
    assert found.reason.code == code


def test_a_frame_without_a_folder_belongs_to_the_only_video() -> None:
    found = MediaIndex([target("right.mp4"), target("x.png")]).frame("frame_000004")

    assert isinstance(found, MatchedFrame)
    assert (found.medium.name, found.frame) == ("right.mp4", 4)


@pytest.mark.parametrize("name", ["right.mp4_00001.json", "x/right_00012.json", "right.json", "right.mp4.json"])
def test_a_label_file_is_called_after_its_medium(name: str) -> None:
    found = MEDIA.named_by_label_file(name)

    assert isinstance(found, TargetMedium)
    assert found.name == "right.mp4"


def test_the_folder_of_a_video_may_have_a_number_where_images_are_called_like_its_frames() -> None:
    media = MediaIndex([target("a.mp4"), target("a/frame_000001.jpg"), target("b (2).mp4"), target("b.mp4")])

    def place(path: str) -> tuple[str, int]:
        found = media.frame(path)
        assert isinstance(found, MatchedFrame), found
        return found.medium.name, found.frame

    assert place("images/default/a (2)/frame_000001.jpg") == ("a.mp4", 1)
    assert place("a (2)/frame_000002.jpg") == ("a.mp4", 2)
    assert place("a/frame_000001.jpg") == ("a/frame_000001.jpg", 0)
    assert place("b (2)/frame_000003.jpg") == ("b (2).mp4", 3)
    assert isinstance(media.frame("c (2)/frame_000003.jpg"), NoMatch)
