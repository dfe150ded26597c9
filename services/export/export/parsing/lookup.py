"""Lookup of missions, categories, types, attributes and behaviors by id or name."""

from collections.abc import Iterable
from typing import TypeVar

from common.contract.missions import Attribute, BehaviorType, Category, Mission, Type

N = TypeVar("N", Mission, Category, Type, Attribute, BehaviorType)


def find(entries: Iterable[N], known_id: str | None, name: str | None) -> N | None:
    """The entry with this id, else with this name, else with the name as its id."""
    listed = list(entries)
    by_id = (entry for entry in listed if known_id is not None and entry.id == known_id)
    by_name = (entry for entry in listed if entry.name == name)
    return next(by_id, None) or next(by_name, None) or next((entry for entry in listed if entry.id == name), None)


def put(entries: list[N], changed: N) -> list[N]:
    """The entries with this one replaced or appended."""
    by_id = {entry.id: entry for entry in entries}
    return list({**by_id, changed.id: changed}.values())


def find_named(entries: Iterable[N], name: str) -> N | None:
    """The entry with this name in an archive."""
    return find(entries, None, name)
