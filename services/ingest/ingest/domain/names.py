"""Names of media: what people call their files, made safe and different from each other."""

import unicodedata
from pathlib import PurePosixPath

LONGEST = 200


def clean(name: str) -> str:
    """The file's own name: no folders, no control characters, at most 200 characters, its extension kept."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C")
    visible = " ".join(visible.split()).strip(". ")
    path = PurePosixPath(visible)
    return path.stem[: LONGEST - len(path.suffix)] + path.suffix if path.suffix else visible[:LONGEST]


def numbered(name: str, number: int) -> str:
    """`name (2).mp4`: the name of the second file called `name.mp4`."""
    path = PurePosixPath(name)
    return f"{path.stem} ({number}){path.suffix}"


def extension(name: str) -> str:
    """The extension in lower case, with its dot; empty if there is none."""
    return PurePosixPath(name).suffix.lower()
