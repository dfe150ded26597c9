"""Round trips: a project is written, read and written again."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from common.contract.labels import ObjectState
from common.contract.media import Medium
from common.contract.missions import Mission
from common.contract.questions import SkippedRow
from export.parsing.imported_object import ImportedObject
from export.parsing.reader import DeclaredMission, Parsed
from tests.export.made import DETECTION, archive, dataset
from tests.export.parsing.alike import differences
from tests.export.parsing.made_archives import objects, opened, packed, read, targets

_SAME = {"media_id", "category", "type", "attributes", "keyframes", "behaviors", "group", "z_order", "done", "source"}
_SAME_IF_SET = {"run_id", "model", "score"}


class Returned(NamedTuple):
    """The files of the first archive and of the second, and what was read between them."""

    before: dict[str, bytes]
    after: dict[str, bytes]
    found: list[Parsed]

    @property
    def objects(self) -> list[ImportedObject]:
        """The objects."""
        return objects(self.found)

    @property
    def skipped(self) -> list[SkippedRow]:
        """The skipped rows."""
        return [row for row in self.found if isinstance(row, SkippedRow)]


def as_state(number: int, found: ImportedObject) -> ObjectState:
    """The object as a project stores it, with names as ids."""
    fixed = {"id": f"o{number:06d}", "project_id": "p", "revision": 1, "author": "ada"}
    return ObjectState(
        **fixed,
        **found.model_dump(include=_SAME | _SAME_IF_SET),
        mission=found.ids.mission or found.mission or "detection",
        annotation_type=found.kind,
        preferred_at=1.0 if found.default else None,
    )


def returned(
    name: str, media: Sequence[Medium], states: Sequence[ObjectState], missions: Sequence[Mission] = (DETECTION,)
) -> Returned:
    """A project written in format `name`, read, and written again with the missions that the archive describes, or else
    those it had."""
    before = archive(name, dataset(media, states, missions))
    found = read(name, opened(packed(before)), targets(media))
    again = [as_state(number, imported) for number, imported in enumerate(objects(found))]
    declared = [item.mission for item in found if isinstance(item, DeclaredMission)]
    return Returned(before, archive(name, dataset(media, again, declared or missions)), found)


def assert_same_rows(
    name: str,
    media: Sequence[Medium],
    states: Sequence[ObjectState],
    rows: Callable[[dict[str, bytes]], Any],
    missions: Sequence[Mission] = (DETECTION,),
) -> None:
    """Both archives of the project have the same `rows`."""
    result = returned(name, media, states, missions)

    assert not result.skipped
    assert rows(result.after) == rows(result.before)


def assert_rows_return(
    name: str, media: Sequence[Medium], states: Sequence[ObjectState], rows: Callable[[dict[str, bytes]], Any]
) -> None:
    """Both archives of the project have the same `rows` but for rounding; missions come from the archive."""
    result = returned(name, media, states, missions=())

    assert not result.skipped
    assert not differences(rows(result.before), rows(result.after))


def with_texts(states: Sequence[ObjectState], texts: Sequence[str]) -> list[ObjectState]:
    """The objects with the attribute `text`, one text each."""
    return [
        state.model_copy(update={"attributes": {**state.attributes, "text": text}})
        for state, text in zip(states, texts, strict=False)
    ]
