"""Turn an export in the format “ImageNet 1.0” with its images into folders that a classifier is trained with.

    python convert_imagenet.py ARCHIVE FOLDER [--split 0.2] [--seed 123]

FOLDER gets `cvat_exported/<label>/…` (what was in the archive), `labels.json` (the labels' numbers, in alphabetical
order), `training/<label>/…` and `validation/<label>/…`: of each label that share of its images is kept for validation,
drawn by lot; the same seed draws the same. Needs nothing but Python. What goes wrong leaves nothing behind.
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
    """What is wrong, in a sentence."""


def convert(archive: Path, folder: Path, split: float = 0.2, seed: int = 123) -> tuple[int, int]:
    """How many images went to training and to validation.

    Raises:
        Refused: the archive is none of this format, or the folder holds a dataset already.
    """
    if not 0 < split < 1 or not 0 <= seed < 2**32:
        raise Refused("The split lies between 0 and 1, the seed between 0 and 4294967295.")
    if found := [name for name in (ALL, TRAINING, VALIDATION, LABELS) if (folder / name).exists()]:
        raise Refused(f"There is a dataset already: {folder / found[0]}.")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as made:
        counts = _convert(archive, Path(made), split, seed)
        for one in Path(made).iterdir():
            one.rename(folder / one.name)
    return counts


def _convert(archive: Path, made: Path, split: float, seed: int) -> tuple[int, int]:
    labels = sorted(_unpack(archive, made / ALL))
    (made / LABELS).write_text(json.dumps({label: number for number, label in enumerate(labels)}, indent=2) + "\n")
    sides: dict[str, str] = {}
    for label in labels:
        names = sorted(path.name for path in (made / ALL / label).iterdir())
        # An image of several labels lies in several folders, and has one side.
        kept = validating(set(names) - set(sides), split, seed)
        for name in names:
            side = sides.setdefault(name, VALIDATION if name in kept else TRAINING)
            (made / side / label).mkdir(parents=True, exist_ok=True)
            os.link(made / ALL / label / name, made / side / label / name)
    validation = sum(side == VALIDATION for side in sides.values())
    return len(sides) - validation, validation


def validating(names: Iterable[str], split: float, seed: int) -> set[str]:
    """The images of one label that are kept for validation: that share of them, rounded, but of two or more at least
    one goes to each side."""
    drawn = sorted(names)
    random.Random(seed).shuffle(drawn)  # noqa: S311  a lot, and no secret
    count = round(len(drawn) * split)
    return set(drawn[: min(max(count, 1), len(drawn) - 1) if len(drawn) > 1 else 0])


def _unpack(archive: Path, folder: Path) -> set[str]:
    """The labels there are."""
    try:
        with zipfile.ZipFile(archive) as packed:
            places = {member: _place(member.filename) for member in packed.infolist() if not member.is_dir()}
            for member, (label, name) in places.items():
                (folder / label).mkdir(parents=True, exist_ok=True)
                with packed.open(member) as source, (folder / label / name).open("xb") as target:
                    shutil.copyfileobj(source, target)
    except (OSError, zipfile.BadZipFile) as error:
        raise Refused(f"{archive} cannot be read as a zip: {error}") from error
    labels = {label for label, _ in places.values()} - {NO_LABEL}
    if not labels:
        raise Refused(f"{archive} holds no labeled images.")
    return labels


def _place(path: str) -> tuple[str, str]:
    """Label and name of an image."""
    parts = PurePosixPath(path).parts
    is_image = PurePosixPath(path).suffix.lower() in IMAGES
    if not is_image or len(parts) != 2 or "\\" in path or ".." in parts:
        raise Refused(f"This is no “ImageNet 1.0” archive with images: it holds {path}.")
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
