"""Lookup of missions, categories, types, attributes and behaviors by id or name."""

from collections.abc import Iterable
from typing import TypeVar

from common.contract.missions import Attribute, BehaviorType, Category, Mission, Type

N = TypeVar("N", Mission, Category, Type, Attribute, BehaviorType)


def find(things: Iterable[N], known_id: str | None, name: str | None) -> N | None:
    """The entry with this id, else with this name, else with the name as its id."""
    listed = list(things)
    by_id = (one for one in listed if known_id is not None and one.id == known_id)
    by_name = (one for one in listed if one.name == name)
    return next(by_id, None) or next(by_name, None) or next((one for one in listed if one.id == name), None)


def put(things: list[N], thing: N) -> list[N]:
    """The entries with this one replaced or appended."""
    others = {one.id: one for one in things}
    return list({**others, thing.id: thing}.values())


def find_named(things: Iterable[N], name: str) -> N | None:
    """The entry that an archive calls by this name."""
    return find(things, None, name)
