"""The rights of each role in a project."""

from typing import Literal

Role = Literal["owner", "admin", "labeler", "developer"]
Action = Literal["read", "label", "upload", "run", "export", "delete", "subscribe", "define", "invite", "configure"]

_EVERYONE: frozenset[Role] = frozenset({"owner", "admin", "labeler", "developer"})
_LEADS: frozenset[Role] = frozenset({"owner", "admin"})

RIGHTS: dict[Action, frozenset[Role]] = {
    "read": _EVERYONE,
    "label": _EVERYONE,
    "upload": _EVERYONE,
    "run": _EVERYONE,
    "export": _EVERYONE,
    "delete": _LEADS | {"developer"},
    "subscribe": _LEADS | {"developer"},
    "define": _LEADS | {"developer"},
    "invite": _LEADS,
    "configure": _LEADS,
}


def sees_all_work(role: Role) -> bool:
    """Whether this role sees the work of all members, not only its own."""
    return role in _LEADS


def may(role: Role, action: Action) -> bool:
    """Whether a member with this role may do this in the project."""
    return role in RIGHTS[action]
