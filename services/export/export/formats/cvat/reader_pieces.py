"""Joins objects that CVAT splits: it has no tracks of masks and no polygons with several parts."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from common.geometry.types import Bitmap, Polygon
from export.formats.cvat.reader_tracks import ObjectHeader, Row
from export.parsing.detections import Detection, build_object
from export.parsing.imported_object import ImportedObject


class Piece(NamedTuple):
    """An object on one frame, or a part of it."""

    header: ObjectHeader
    row: Row


def merged(pieces: Iterable[Piece]) -> Iterator[ImportedObject]:
    """The object of these pieces; polygons on the same frame become its parts, masks and polygons become separate
    objects.

    Raises:
        ValueError: the data does not follow the format.
    """
    ordered = sorted(pieces, key=lambda piece: piece.row.frame)
    for kind in (Bitmap, Polygon):
        of_kind = [piece for piece in ordered if isinstance(piece.row.geometry, kind)]
        by_frame = groupby(of_kind, key=lambda piece: piece.row.frame)
        rows = [_whole([piece.row for piece in same]) for _, same in by_frame]
        if rows:
            header = of_kind[0].header
            detections = [
                _detection(header, *neighbors)
                for neighbors in zip([None, *rows], rows, [*rows[1:], None], strict=False)
            ]
            yield build_object(header.target, header.category, detections, header.type, **header.fields)


def _whole(rows: Sequence[Row]) -> Row:
    """The pieces of one frame as one row."""
    parts = [part for row in rows if isinstance(row.geometry, Polygon) for part in row.geometry.parts]
    return rows[0]._replace(geometry=Polygon(parts=parts)) if parts else rows[0]


def _detection(header: ObjectHeader, before: Row | None, row: Row, after: Row | None) -> Detection:
    """The detection of a row. Only the first and last frame of an unchanged polygon are keyframes, because
    polygons are interpolated between different keyframes. Bitmaps are never interpolated."""
    is_constant = all(neighbor is not None and neighbor.geometry == row.geometry for neighbor in (before, after))
    is_key = isinstance(row.geometry, Polygon) and not is_constant
    return Detection(
        f"{header.where}, frame {row.frame}",
        row.geometry,
        is_key=is_key,
        occluded=row.occluded,
        score=row.score,
        attributes=row.attributes,
        frame=row.frame,
        source=header.source,
    )


class GroupedPieces:
    """Grouped masks and polygons of single frames: those of one label on consecutive frames are one object. A group
    with nothing else is dropped."""

    def __init__(self) -> None:
        self._pieces: dict[Hashable, list[Piece]] = {}
        self._others: set[tuple[str, int]] = set()

    def hold(self, piece: Piece) -> bool:
        """Whether the piece is held until all pieces are known; otherwise it is an object of its own."""
        header = piece.header
        if header.group is None:
            return False
        if not isinstance(piece.row.geometry, Bitmap | Polygon) or header.target.kind == "image":
            self.count(header)
            return False
        key = header.target.id, header.group, header.category, header.type, header.z_order
        self._pieces.setdefault(key, []).append(piece)
        return True

    def count(self, header: ObjectHeader) -> None:
        """Count another object of this group."""
        if header.group is not None:
            self._others.add((header.target.id, header.group))

    def objects(self) -> Iterator[list[Piece]]:
        """The pieces of each object, once all are known."""
        chains = [chain for pieces in self._pieces.values() for chain in _chains(pieces)]
        members: dict[tuple[str, int | None], int] = {}
        for chain in chains:
            group = _group(chain)
            members[group] = members.get(group, 0) + 1
        for chain in chains:
            if members[_group(chain)] > 1 or _group(chain) in self._others:
                yield chain
            else:
                yield [piece._replace(header=piece.header._replace(group=None)) for piece in chain]
        self._pieces.clear()


def _group(chain: Sequence[Piece]) -> tuple[str, int | None]:
    return chain[0].header.target.id, chain[0].header.group


def _chains(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Splits pieces where the frame number does not increase. Several pieces per frame in frame order cannot be
    assigned, and stay separate."""
    steps = [after.row.frame - before.row.frame for before, after in pairwise(pieces)]
    if min(steps, default=1) == 0:
        yield from ([piece] for piece in pieces)
        return
    chain: list[Piece] = []
    for piece in pieces:
        if chain and piece.row.frame <= chain[-1].row.frame:
            yield chain
            chain = []
        chain.append(piece)
    if chain:
        yield chain
