"""File names: sanitized, and numbered to be unique."""

import unicodedata
from pathlib import PurePosixPath

MAX_LENGTH = 200


def sanitized(name: str) -> str:
    """The base name without control characters, at most 200 characters; the extension is kept."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C")
    visible = " ".join(visible.split()).strip(". ")
    path = PurePosixPath(visible)
    return path.stem[: MAX_LENGTH - len(path.suffix)] + path.suffix if path.suffix else visible[:MAX_LENGTH]


def numbered(name: str, number: int) -> str:
    """`name (2).mp4` for the second file called `name.mp4`."""
    path = PurePosixPath(name)
    return f"{path.stem} ({number}){path.suffix}"


def extension(name: str) -> str:
    """The extension in lower case, with its dot; empty if there is none."""
    return PurePosixPath(name).suffix.lower()
