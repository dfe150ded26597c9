"""Which format an archive is of, and how sure that is."""

from collections.abc import Mapping

from common.sandbox.worker import Undecodable
from export.parsing.archive_reader import Bundle
from export.parsing.reader import Reader

# Below this it is a guess that nobody should act on.
SURE_ENOUGH = 0.5


def recognized(bundle: Bundle, asked: str | None, readers: Mapping[str, Reader]) -> tuple[str, float]:
    """The name of the format that was asked for, or else the one that it looks most like; and how sure that is,
    0 to 1.

    Raises:
        Undecodable: it looks like none, or like several, or not like the one asked for.
    """
    sure = {name: reader.recognize(bundle) for name, reader in readers.items()}
    if asked is not None:
        if sure.get(asked, 0.0) <= 0:
            raise Undecodable(f"The archive does not look like {asked}.{_but(sure)}")
        return asked, sure[asked]
    ranked = sorted(sure, key=lambda name: -sure[name])
    if not ranked or sure[ranked[0]] < SURE_ENOUGH:
        raise Undecodable("It could not be recognised which format this is; choose one.")
    if len(ranked) > 1 and sure[ranked[0]] == sure[ranked[1]]:
        raise Undecodable(f"This may be {ranked[0]} or {ranked[1]}; choose one.")
    return ranked[0], sure[ranked[0]]


def _but(sure: dict[str, float]) -> str:
    best = max(sure, key=lambda name: sure[name], default="")
    return f" It looks like {best}." if best and sure[best] >= SURE_ENOUGH else ""
