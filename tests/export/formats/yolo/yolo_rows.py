"""Rows of YOLO archives, for comparing two archives."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

import yaml

# An image path, a class name, and the numbers of a row.
Row = tuple[str, str, list[float]]


def rows(files: Mapping[str, bytes], *, boxes: bool = False) -> list[Row]:
    """The sorted rows of an archive without track numbers; of `boxes` only the first four values."""
    names = names_of(files)
    result = []
    for path, content in files.items():
        if re.match("labels/|obj_.*_data/", path) and path.endswith(".txt"):
            for row in content.decode().splitlines():
                number, *values = map(float, row.split())
                result.append((path, names[int(number)], values[: 4 if boxes else None]))
    return sorted(result)


def names_of(files: Mapping[str, bytes]) -> Mapping[int, str]:
    """The class names; the id of a class counts as its name, because import resolves it."""
    if "data.yaml" in files:
        names: dict[int, str] = yaml.safe_load(files["data.yaml"])["names"]
    else:
        names = dict(enumerate(files["obj.names"].decode().split("\n")))
    return {number: "Vehicle" if name == "vehicle-1" else name for number, name in names.items()}


def same(before: Sequence[Row], after: Sequence[Row], *, turned: bool = False) -> bool:
    """Whether rows are equal up to rounding, in any order; `turned` allows another corner to be the first."""
    left: defaultdict[tuple[str, str], list[list[float]]] = defaultdict(list)
    for path, name, values in after:
        left[path, name].append(values)
    turns = (0, 2, 4, 6) if turned else (0,)
    # Clipping a rotated box at the image border multiplies the rounding error.
    apart = 5e-5 if turned else 3e-6
    for path, name, values in before:
        near = (
            each
            for each in left[path, name]
            if any(_is_near(each, values[turn:] + values[:turn], apart) for turn in turns)
        )
        result = next(near, None)
        if result is None:
            return False
        left[path, name].remove(result)
    return not any(left.values())


def _is_near(first: Sequence[float], second: Sequence[float], tolerance: float) -> bool:
    return len(first) == len(second) and all(abs(x - y) < tolerance for x, y in zip(first, second, strict=True))
