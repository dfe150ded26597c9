"""Missions as MongoDB documents. A deleted one leaves `deleted` and its revision; `asked` tells the same request again,
`partial` that it is not done yet."""

import hashlib

from common.contract.missions import Mission
from common.storage.mongo import Document


def pack_mission(
    project_id: str, mission: Mission, position: int, *, asked: str | None = None, partial: bool = False
) -> Document:
    """The document of a mission."""
    about = {"_id": mission.id, "project_id": project_id, "position": position, "deleted": False}
    return about | {"asked": asked, "partial": partial} | mission.model_dump(exclude={"id"})


def pack_mark(project_id: str, mission: Mission, position: int) -> Document:
    """What a deleted mission leaves."""
    about = {"_id": mission.id, "project_id": project_id, "position": position, "deleted": True}
    return about | {"revision": mission.revision}


def unpack_mission(document: Document) -> Mission:
    """A mission from its document."""
    return Mission.model_validate(document | {"id": document["_id"]})


def digest_of(given: Mission) -> str:
    """The same for the same request to save a mission."""
    return hashlib.sha256(given.model_dump_json().encode()).hexdigest()
