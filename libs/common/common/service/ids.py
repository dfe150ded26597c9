"""Ids: opaque strings that sort by age, and names that are the same whenever the same thing happens."""

import re
import secrets
import time
from uuid import NAMESPACE_URL, uuid5

ID = r"^[a-z0-9-]{1,64}$"
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str = "") -> str:
    """A new id of 20 characters, ordered by the millisecond it was made in, with 55 random bits."""
    number = (time.time_ns() // 1_000_000) << 55 | secrets.randbits(55)
    text = ""
    for _ in range(20):
        number, digit = divmod(number, 32)
        text = _ALPHABET[digit] + text
    return prefix + text


def stable_id(*what: str | int) -> str:
    """The id of something that is named by `what`: the same words always give the same id."""
    return str(uuid5(NAMESPACE_URL, "\x1f".join(map(str, what))))


def is_id(text: str) -> bool:
    """Whether `text` may be a part of a subject and of an object key."""
    return re.fullmatch(ID, text) is not None
