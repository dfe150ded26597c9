"""The matrix in docs/formats.md, from the declarations of the formats; `make formats` writes it."""

from collections.abc import Iterable
from pathlib import Path

from common.contract.errors import Reason, reason_for
from export.dataset.capabilities import Capabilities, Feature
from export.formats.format import ArchiveFormat, ImportFormat
from export.formats.registry import FORMATS, IMPORT_FORMATS

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"
BEGIN, END = "<!-- formats: begin -->", "<!-- formats: end -->"
YES, CHANGED, NO = "●", "◐", "–"
COLUMNS: dict[str, tuple[str, ...]] = {
    "boxes": ("bbox",),
    "rotated": (Feature.ROTATION,),
    "polygons": ("polygon",),
    "holes, parts": (Feature.HOLES, Feature.PARTS),
    "polylines": ("polyline",),
    "points": ("points",),
    "skeletons": ("skeleton",),
    "masks": ("bitmap",),
    "circles, ellipses": ("circle", "ellipse"),
    "cuboids": ("cuboid",),
    "tracks": (Feature.TRACKS,),
    "attributes": (Feature.ATTRIBUTES, Feature.CHANGING),
    "occlusion": (Feature.OCCLUSION,),
    "image labels": ("label",),
    "behaviours": (Feature.BEHAVIORS,),
}
HEAD = ("format", "export", "import", *COLUMNS, "validated by")


def table() -> str:
    """The matrix, as the part of the page between its marks."""
    formats: list[ArchiveFormat | ImportFormat] = sorted(
        (*FORMATS.values(), *IMPORT_FORMATS), key=lambda entry: entry.name.lower()
    )
    rows = (HEAD, ["---"] * len(HEAD), *map(_row, formats))
    notes = (f"- **{known.name}**: {_notes(known)}" for known in formats if isinstance(known, ArchiveFormat))
    return "\n".join((*(f"| {' | '.join(row)} |" for row in rows), "", *(note for note in notes if note[-2:] != ": ")))


def committed() -> str:
    """The matrix in the committed page."""
    return PAGE.read_text("utf-8").partition(BEGIN)[2].partition(END)[0].strip()


def rewrite() -> None:
    """Write the matrix into the page."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}", "utf-8")


def _row(known: ArchiveFormat | ImportFormat) -> list[str]:
    is_exported = isinstance(known, ArchiveFormat)
    validators = ", ".join(known.validators) if isinstance(known, ArchiveFormat) else ""
    cells = (_cell(known.capabilities, needed) for needed in COLUMNS.values())
    return [known.name, _yes(is_exported), _yes(known.reader is not None), *cells, validators or NO]


def _yes(is_there: bool) -> str:
    return YES if is_there else NO


def _cell(capabilities: Capabilities, needed: Iterable[str]) -> str:
    """Whether the needed features are exported unchanged, partly or in another form, or not at all."""
    result = [(each in capabilities, each in capabilities.changed) for each in needed]
    if not any(is_there for is_there, _ in result):
        return NO
    return YES if all(is_there and not is_changed for is_there, is_changed in result) else CHANGED


def _notes(known: ArchiveFormat) -> str:
    """The format's changes, and its losses beyond the columns."""
    changed = map(reason_for, dict.fromkeys(known.capabilities.changed.values()))
    beyond = (reason for reason in known.cannot_carry if reason.code in known.also_loses)
    names = dict.fromkeys(map(_sentence, (*changed, *beyond)))
    return "; ".join(names)


def _sentence(reason: Reason) -> str:
    return reason.message[0].lower() + reason.message[1:]


if __name__ == "__main__":
    rewrite()
