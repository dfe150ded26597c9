"""Objects that CVAT only has in pieces, put together: it has no tracks of masks and no polygons of several parts."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from common.geometry.types import Bitmap, Polygon
from export.formats.cvat.reader_tracks import About, Row
from export.parsing.detections import Detection, build_object
from export.parsing.imported_object import ImportedObject


class Piece(NamedTuple):
    """A part of an object, or all of it, on one frame."""

    about: About
    row: Row


def joined(pieces: Iterable[Piece]) -> Iterator[ImportedObject]:
    """The object of these pieces, on each frame one of its own with polygons as its parts; pixels and polygons are two
    objects.

    Raises:
        ValueError: it is none.
    """
    ordered = sorted(pieces, key=lambda piece: piece.row.frame)
    for kind in (Bitmap, Polygon):
        own = [piece for piece in ordered if isinstance(piece.row.geometry, kind)]
        by_frame = groupby(own, key=lambda piece: piece.row.frame)
        rows = [_whole([piece.row for piece in same]) for _, same in by_frame]
        if rows:
            about = own[0].about
            seen = [_seen(about, *around) for around in zip([None, *rows], rows, [*rows[1:], None], strict=False)]
            yield build_object(about.target, about.category, seen, about.type, **about.more)


def _whole(rows: Sequence[Row]) -> Row:
    """The pieces of one frame as one."""
    parts = [part for row in rows if isinstance(row.geometry, Polygon) for part in row.geometry.parts]
    return rows[0]._replace(geometry=Polygon(parts=parts)) if parts else rows[0]


def _seen(about: About, before: Row | None, row: Row, after: Row | None) -> Detection:
    """Where it stays as it is, frames are no keyframes but for the first and the last: between two that differ, a
    polygon would move. A bitmap stays anyway."""
    stays = all(one is not None and one.geometry == row.geometry for one in (before, after))
    is_key = isinstance(row.geometry, Polygon) and not stays
    return Detection(
        f"{about.where}, frame {row.frame}",
        row.geometry,
        is_key=is_key,
        occluded=row.occluded,
        score=row.score,
        attributes=row.attributes,
        frame=row.frame,
        source=about.source,
    )


class Loose:
    """Masks and polygons of single frames that are in a group: of one label, those on frames that follow each other are
    one object, as CVAT has no tracks of masks. A group that is nothing but that is none."""

    def __init__(self) -> None:
        self._pieces: dict[Hashable, list[Piece]] = {}
        self._others: set[tuple[str, int]] = set()

    def takes(self, piece: Piece) -> bool:
        """Whether the piece is kept until all are there; if not, it is an object of its own."""
        about = piece.about
        if about.group is None:
            return False
        if not isinstance(piece.row.geometry, Bitmap | Polygon) or about.target.kind == "image":
            self.see(about)
            return False
        key = about.target.id, about.group, about.category, about.type, about.z_order
        self._pieces.setdefault(key, []).append(piece)
        return True

    def see(self, about: About) -> None:
        """Another object is in this group."""
        if about.group is not None:
            self._others.add((about.target.id, about.group))

    def objects(self) -> Iterator[list[Piece]]:
        """The pieces of each object, once all are there."""
        found = [chain for pieces in self._pieces.values() for chain in _chains(pieces)]
        members: dict[tuple[str, int | None], int] = {}
        for chain in found:
            group = _group(chain)
            members[group] = members.get(group, 0) + 1
        for chain in found:
            if members[_group(chain)] > 1 or _group(chain) in self._others:
                yield chain
            else:
                yield [piece._replace(about=piece.about._replace(group=None)) for piece in chain]
        self._pieces.clear()


def _group(chain: Sequence[Piece]) -> tuple[str, int | None]:
    return chain[0].about.target.id, chain[0].about.group


def _chains(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Pieces as they come, until one is on no later frame than the one before. Where they come frame by frame and there
    are several on one, it is not said which belong together."""
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
