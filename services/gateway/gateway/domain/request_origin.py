"""Protection against cross-site request forgery.

Browsers send the origin of a request in headers that pages cannot change. Programs send neither header, and hold no
other user's cookies.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def is_cross_site(headers: Mapping[str, str], own_origin: str) -> bool:
    """Whether another site's page made the request; `headers` have lower-case names."""
    origin = headers.get("origin", "")
    if origin and origin.rstrip("/") == own_origin.rstrip("/"):
        return False
    if site := headers.get("sec-fetch-site"):
        return site not in ("same-origin", "none")
    return bool(origin) and urlsplit(origin).netloc != headers.get("host")
