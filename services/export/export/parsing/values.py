"""Attribute values and frame numbers from files."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from export.dataset.xml_text import value_text
from export.parsing.reasons import ReaderError


def attribute_values(found: Any) -> dict[str, str | bool | float]:
    """Attributes by name without empty ones; nested values become text."""
    if not isinstance(found, Mapping):
        return {}
    return {str(name): _value(value) for name, value in found.items() if value is not None}


def _value(value: Any) -> str | bool | float:
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float) and math.isfinite(value):
        return float(value)
    return str(value)


def parse_value(text: str) -> str | bool | float:
    """An attribute value from text: true, false, a number if it is written canonically, or text."""
    if text in ("true", "false"):
        return text == "true"
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) and value_text(number) == text else text


def frame_numbers(found: Iterable[Any]) -> list[int]:
    """Frame numbers as integers.

    Raises:
        ValueError: the data does not follow the format.
    """
    numbers = [int(raw) if not isinstance(raw, bool) and int(raw) == float(raw) else None for raw in found]
    if None in numbers:
        raise ReaderError("frame_not_integer")
    return [number for number in numbers if number is not None]
