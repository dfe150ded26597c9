"""Turn an export in the format “ImageNet 1.0” with its images into folders that a classifier is trained with.

    python convert_imagenet.py ARCHIVE FOLDER [--split 0.2] [--seed 123]

FOLDER gets `cvat_exported/<label>/…` (the content of the archive), `labels.json` (the labels' numbers, in alphabetical
order), `training/<label>/…` and `validation/<label>/…`: SPLIT is the share of each label's images for validation, which
are selected at random; the same seed gives the same selection. Needs only Python. A failed conversion leaves FOLDER
unchanged.
"""

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

ALL, TRAINING, VALIDATION, LABELS = "cvat_exported", "training", "validation", "labels.json"
NO_LABEL = "no_label"
IMAGES = {".jpg", ".jpeg", ".jpe", ".jfif", ".png"}


class Refused(Exception):
    """The error as a sentence."""


def convert(archive: Path, folder: Path, split: float = 0.2, seed: int = 123) -> tuple[int, int]:
    """Convert an archive; returns the numbers of training and validation images.

    Raises:
        Refused: the archive has another format, or the folder already contains a dataset.
    """
    if not 0 < split < 1 or not 0 <= seed < 2**32:
        raise Refused("SPLIT must be between 0 and 1, SEED between 0 and 4294967295.")
    if existing := [name for name in (ALL, TRAINING, VALIDATION, LABELS) if (folder / name).exists()]:
        raise Refused(f"There is a dataset already: {folder / existing[0]}.")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        counts = _convert(archive, Path(temporary), split, seed)
        for path in Path(temporary).iterdir():
            path.rename(folder / path.name)
    return counts


def _convert(archive: Path, target: Path, split: float, seed: int) -> tuple[int, int]:
    labels = sorted(_unpack(archive, target / ALL))
    (target / LABELS).write_text(json.dumps({label: number for number, label in enumerate(labels)}, indent=2) + "\n")
    subsets: dict[str, str] = {}
    for label in labels:
        names = sorted(path.name for path in (target / ALL / label).iterdir())
        # An image with several labels is in several folders, but in one subset only.
        selected = select_validation(set(names) - set(subsets), split, seed)
        for name in names:
            subset = subsets.setdefault(name, VALIDATION if name in selected else TRAINING)
            (target / subset / label).mkdir(parents=True, exist_ok=True)
            os.link(target / ALL / label / name, target / subset / label / name)
    validation = sum(subset == VALIDATION for subset in subsets.values())
    return len(subsets) - validation, validation


def select_validation(names: Iterable[str], split: float, seed: int) -> set[str]:
    """The validation images of one label: a rounded share of them, but of two or more images at least one for each
    subset."""
    shuffled = sorted(names)
    random.Random(seed).shuffle(shuffled)  # noqa: S311  not used for security
    count = round(len(shuffled) * split)
    return set(shuffled[: min(max(count, 1), len(shuffled) - 1) if len(shuffled) > 1 else 0])


def _unpack(archive: Path, folder: Path) -> set[str]:
    """Unpack the archive; returns its labels."""
    try:
        with zipfile.ZipFile(archive) as packed:
            targets = {member: _label_and_name(member.filename) for member in packed.infolist() if not member.is_dir()}
            for member, (label, name) in targets.items():
                (folder / label).mkdir(parents=True, exist_ok=True)
                with packed.open(member) as source, (folder / label / name).open("xb") as target:
                    shutil.copyfileobj(source, target)
    except (OSError, zipfile.BadZipFile) as error:
        raise Refused(f"{archive} cannot be read as a zip: {error}") from error
    labels = {label for label, _ in targets.values()} - {NO_LABEL}
    if not labels:
        raise Refused(f"{archive} contains no labeled images.")
    return labels


def _label_and_name(path: str) -> tuple[str, str]:
    """The label and the file name of an image."""
    parts = PurePosixPath(path).parts
    is_image = PurePosixPath(path).suffix.lower() in IMAGES
    if not is_image or len(parts) != 2 or "\\" in path or ".." in parts:
        raise Refused(f"This is no “ImageNet 1.0” archive with images: it contains {path}.")
    return parts[0], parts[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--split", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=123)
    try:
        training, validation = convert(**vars(parser.parse_args()))
    except Refused as refused:
        sys.exit(str(refused))
    print(f"{training} training files copied. {validation} validation files copied.")


if __name__ == "__main__":
    main()
