"""Media have unique paths in an archive, as close to their names as possible."""

from hypothesis import given
from hypothesis import strategies as st

from common.contract.media import Medium
from export.dataset.media import ExportMedium, export_medium, lay_out
from tests.export.made import medium

PARTS = st.sampled_from(["a", "A", "b", "frame_000000", "Frame_000001", "a (2)", "frame_000000 (2)"])
NAMES = st.tuples(st.lists(PARTS, max_size=2), PARTS, st.sampled_from([".mp4", ".jpg", ".JPG", ".png"])).map(
    lambda parts: "/".join([*parts[0], parts[1]]) + parts[2]
)


def laid_out(*media: Medium) -> list[ExportMedium]:
    return lay_out(export_medium(each) for each in media)


def image_paths(media: list[ExportMedium]) -> list[str]:
    return [each.frame_path(frame) for each in media for frame in range(each.frame_count)]


@given(st.lists(NAMES, max_size=6))
def test_image_paths_are_unique_on_every_system(names: list[str]) -> None:
    found = image_paths(laid_out(*(medium(f"m{number}", name, 2) for number, name in enumerate(names))))

    assert len({path.casefold() for path in found}) == len(found)


def test_frames_move_if_an_image_has_their_path() -> None:
    image, video = laid_out(medium("m1", "a.mp4", 2), medium("m2", "A/frame_000001.jpg"))

    assert image.path == "A/frame_000001.jpg"
    assert image_paths([video]) == ["a (2)/frame_000000.jpg", "a (2)/frame_000001.jpg"]


def test_other_images_may_lie_in_the_folder_of_frames() -> None:
    video, image = laid_out(medium("m1", "b.mp4"), medium("m2", "b/1.jpg"))

    assert (video.folder, image.path) == ("b", "b/1.jpg")
