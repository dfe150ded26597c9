"""All error codes of the product. A code belongs to one area and never changes its meaning."""

from collections.abc import Mapping

from common.contract.errors import annotation, export, frames, gateway, general, imports, inference, ingest, losses
from common.contract.errors.kinds import ErrorType

AREAS: Mapping[str, Mapping[str, ErrorType]] = {
    "general": general.ERRORS,
    "gateway": gateway.ERRORS,
    "ingest": ingest.ERRORS,
    "frames": frames.ERRORS,
    "annotation": annotation.ERRORS,
    "inference": inference.ERRORS,
    "export": export.ERRORS,
    "imports": imports.ERRORS,
    "losses": losses.ERRORS,
}

CATALOGUE: Mapping[str, ErrorType] = {code: entry for area in AREAS.values() for code, entry in area.items()}

assert len(CATALOGUE) == sum(map(len, AREAS.values())), "A code is declared twice"
