"""Nested values as flat dictionaries, for approximate comparison."""

from typing import Any


def flat(value: Any, name: str = "") -> dict[str, Any]:
    """The leaves of nested values by their path."""
    if isinstance(value, dict):
        return {k: v for key, inner in value.items() for k, v in flat(inner, f"{name}.{key}").items()}
    if isinstance(value, list | tuple):
        return {k: v for at, inner in enumerate(value) for k, v in flat(inner, f"{name}[{at}]").items()}
    return {name: value}
