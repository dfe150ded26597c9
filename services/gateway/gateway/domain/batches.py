"""Batches of items, some of them malformed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from common.contract.edits import EditResult

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Batch(Generic[T]):
    """The valid items, and the results of the malformed ones by position."""

    items: list[T]
    refused: dict[int, EditResult]

    def in_order(self, results: Iterable[Any]) -> list[Any]:
        """The results of all items in the order of the request."""
        rest = iter(results)
        positions = range(len(self.items) + len(self.refused))
        return [self.refused[position] if position in self.refused else next(rest) for position in positions]
