"""Where a list that is read newest first goes on."""

import base64

import orjson

from common.service.errors import invalid
from common.storage.mongo import Document


def cursor(created_at: float, thing_id: str) -> str:
    """What stands for the last thing of a page."""
    return base64.urlsafe_b64encode(orjson.dumps([created_at, thing_id])).decode()


def older_than(given: str) -> Document:
    """What comes after it, as a condition.

    Raises:
        Problem: no list gave this.
    """
    try:
        created_at, thing_id = orjson.loads(base64.urlsafe_b64decode(given))
        created_at, thing_id = float(created_at), str(thing_id)
    except (ValueError, TypeError) as error:
        raise invalid("cursor", "This is not a cursor that a list gave.") from error
    return {"$or": [{"created_at": {"$lt": created_at}}, {"created_at": created_at, "_id": {"$lt": thing_id}}]}
