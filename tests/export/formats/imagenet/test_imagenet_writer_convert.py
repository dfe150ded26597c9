"""The example that makes training folders from an ImageNet export: each image is drawn to one side."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from common.geometry.types import ImageTag
from tests.export.made import archive, dataset, every_frame, medium, shape_object
from tests.export.parsing.made_archives import packed

EXAMPLE = Path(__file__).parents[4] / "examples" / "convert_imagenet.py"
FLOWERS = ["tulips", "daisy", "roses"]
MEDIA = [medium(f"m{number:02d}", f"{number:02d}.jpg") for number in range(20)]
STATES = [
    shape_object(f"o{number}", ImageTag(), media_id=f"m{number:02d}", category=FLOWERS[number % 2 if number else 2])
    for number in range(19)
]
BOTH = shape_object("p0", ImageTag(), media_id="m01", category="tulips")


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    made = dataset(MEDIA, [*STATES, BOTH], (), images=every_frame)
    (tmp_path / "project_id_1.zip").write_bytes(packed(archive("ImageNet 1.0", made)))
    return tmp_path / "project_id_1.zip"


def converted(archive_path: Path, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(EXAMPLE), str(archive_path), str(folder), *more]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def images(folder: Path, side: str) -> set[str]:
    return {path.name for path in (folder / side).rglob("*.jpg")}


def test_every_image_is_on_one_side_that_the_seed_determines(exported: Path, tmp_path: Path) -> None:
    first, again, other = tmp_path / "a/b", tmp_path / "again", tmp_path / "other"

    process = converted(exported, first)
    converted(exported, again)
    converted(exported, other, "--seed", "7", "--split", "0.5")

    assert (process.returncode, process.stderr) == (0, "")
    assert json.loads((first / "labels.json").read_text()) == {"daisy": 0, "roses": 1, "tulips": 2}
    training, validation = images(first, "training"), images(first, "validation")
    assert process.stdout == f"{len(training)} training files copied. {len(validation)} validation files copied.\n"
    assert not training & validation
    assert len(training | validation) == 19
    assert len(validation) == 4
    assert images(first, "training/roses") == {"00.jpg"}
    assert files(first) == files(again)
    assert images(other, "validation") != validation
    assert (first / "cvat_exported/no_label/19.jpg").read_bytes() == b"m19 0"
    assert len({path.relative_to(first).parts[0] for path in first.rglob("01.jpg")}) == 2


def test_existing_files_are_not_overwritten(exported: Path, tmp_path: Path) -> None:
    converted(exported, tmp_path / "out")
    before = files(tmp_path / "out")

    process = converted(exported, tmp_path / "out", "--seed", "9")

    assert process.returncode == 1
    assert "There is a dataset already" in process.stderr
    assert files(tmp_path / "out") == before


@pytest.mark.parametrize(
    ("content", "more", "why"),
    [
        (b"PK no zip", (), "cannot be read as a zip"),
        (packed(archive("COCO 1.0", dataset(MEDIA, STATES))), (), "no “ImageNet 1.0” archive"),
        (packed({"../daisy/a.jpg": b""}), (), "no “ImageNet 1.0” archive"),
        (packed({"no_label/a.jpg": b""}), (), "no labeled images"),
        (packed({"daisy/a.jpg": b""}), ("--split", "1"), "between 0 and 1"),
        (None, (), "cannot be read"),
    ],
)
def test_an_invalid_archive_creates_no_files(
    content: bytes | None, more: tuple[str, ...], why: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "x.zip").write_bytes(content)

    process = converted(tmp_path / "x.zip", tmp_path / "out", *more)

    assert process.returncode == 1
    assert why in process.stderr
    assert not (tmp_path / "out").exists() or not files(tmp_path / "out")
