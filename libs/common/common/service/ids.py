"""Ids: opaque strings that sort by age, and stable ids derived from names."""

import re
import secrets
import time
from uuid import NAMESPACE_URL, uuid5

ID = r"^[a-z0-9-]{1,64}$"
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str = "") -> str:
    """A new id of 20 characters, sorted by creation time in milliseconds, with 55 random bits."""
    number = (time.time_ns() // 1_000_000) << 55 | secrets.randbits(55)
    text = ""
    for _ in range(20):
        number, digit = divmod(number, 32)
        text = _ALPHABET[digit] + text
    return prefix + text


def stable_id(*parts: str | int) -> str:
    """The id derived from `parts`: the same parts always give the same id."""
    return str(uuid5(NAMESPACE_URL, "\x1f".join(map(str, parts))))


def is_id(text: str) -> bool:
    """Whether `text` is valid as a token of a subject and an object key."""
    return re.fullmatch(ID, text) is not None
