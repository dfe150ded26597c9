"""Detects the format of an archive."""

from collections.abc import Mapping

from common.sandbox.worker import Undecodable
from export.parsing.archive_reader import ArchiveReader
from export.parsing.reader import Reader

# Below this, the detection is too uncertain.
SURE_ENOUGH = 0.5


def detect_format(archive: ArchiveReader, asked: str | None, readers: Mapping[str, Reader]) -> tuple[str, float]:
    """The name of the requested format, or else of the best match, with a confidence from 0 to 1.

    Raises:
        Undecodable: the archive is refused.
    """
    sure = {name: reader.detect(archive) for name, reader in readers.items()}
    if asked is not None:
        if sure.get(asked, 0.0) <= 0:
            raise _mismatch(asked, sure)
        return asked, sure[asked]
    ranked = sorted(sure, key=lambda name: -sure[name])
    if not ranked or sure[ranked[0]] < SURE_ENOUGH:
        raise Undecodable("format_not_detected")
    if len(ranked) > 1 and sure[ranked[0]] == sure[ranked[1]]:
        raise Undecodable("format_ambiguous", first=ranked[0], second=ranked[1])
    return ranked[0], sure[ranked[0]]


def _mismatch(asked: str, sure: dict[str, float]) -> Undecodable:
    best = max(sure, key=lambda name: sure[name], default="")
    if best and sure[best] >= SURE_ENOUGH:
        return Undecodable("format_mismatch_detected", format=asked, detected=best)
    return Undecodable("format_mismatch", format=asked)
