"""Which format an archive is of, and how sure that is."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from common.sandboxed import Undecodable
from export.domain.reading.bundle import Bundle

if TYPE_CHECKING:
    from export.domain.formats.format import ArchiveFormat

# Below this it is a guess that nobody should act on.
SURE_ENOUGH = 0.5


def recognized(bundle: Bundle, asked: str | None, formats: Iterable["ArchiveFormat"]) -> tuple["ArchiveFormat", float]:
    """The format that was asked for, or else the one that the archive looks most like; and how sure that is, 0 to 1.

    Raises:
        Undecodable: it looks like none, or like several, or not like the one asked for.
    """
    readable = [known for known in formats if known.reader is not None]
    sure = {known.name: known.reader.recognize(bundle) for known in readable if known.reader}
    by_name = {known.name: known for known in readable}
    if asked is not None:
        if sure.get(asked, 0.0) <= 0:
            raise Undecodable(f"The archive does not look like {asked}.{_but(sure)}")
        return by_name[asked], sure[asked]
    ranked = sorted(sure, key=lambda name: -sure[name])
    if not ranked or sure[ranked[0]] < SURE_ENOUGH:
        raise Undecodable("It could not be recognised which format this is; choose one.")
    if len(ranked) > 1 and sure[ranked[0]] == sure[ranked[1]]:
        raise Undecodable(f"This may be {ranked[0]} or {ranked[1]}; choose one.")
    return by_name[ranked[0]], sure[ranked[0]]


def _but(sure: dict[str, float]) -> str:
    best = max(sure, key=lambda name: sure[name], default="")
    return f" It looks like {best}." if best and sure[best] >= SURE_ENOUGH else ""
