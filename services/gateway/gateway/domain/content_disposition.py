"""The Content-Disposition header of downloads."""

from urllib.parse import quote


def attachment(name: str) -> str:
    """The Content-Disposition of a file (RFC 6266), with an ASCII name for old clients (RFC 5987)."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " ._-()") else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
