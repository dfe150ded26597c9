"""External S3 buckets from requests: normalized and validated."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from common.contract.errors import FieldError, reason_for
from common.contract.questions import ExternalBucket, S3Target
from common.storage.egress import EgressPolicy

_BUCKET = re.compile(r"[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]")
_REGION = re.compile(r"[a-z0-9-]{1,40}")
_KEY = re.compile(r"[!-~]{1,512}")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\.?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")


def normalized(target: S3Target) -> S3Target:
    """The target with a scheme in its endpoint (https by default) and a folder without slashes around it."""
    endpoint = target.endpoint.strip().rstrip("/")
    if "://" not in endpoint:
        endpoint = f"https://{endpoint}"
    folder = "/".join(part for part in target.folder.strip().split("/") if part)
    return target.model_copy(update={"endpoint": endpoint, "folder": folder})


def target_errors(target: S3Target | None, policy: EgressPolicy, field: str = "target") -> list[FieldError]:
    """Errors of a normalized target, field by field. Host names are resolved later, when they are used."""
    if target is None:
        return []
    found = _field_errors(target, field)
    address = None if found else address_of(target)
    if address is not None and not policy.allows(*address):
        found.append(FieldError(f"{field}.endpoint", reason_for("external_address_not_public", host=address[0])))
    return found


def _field_errors(target: S3Target, field: str) -> list[FieldError]:
    valid = {
        "endpoint": _is_endpoint(target.endpoint),
        "bucket": _BUCKET.fullmatch(target.bucket),
        "folder": _is_folder(target.folder),
        "region": _REGION.fullmatch(target.region),
        "access_key": _KEY.fullmatch(target.access_key),
        "secret_key": _KEY.fullmatch(target.secret_key),
    }
    return [
        FieldError(f"{field}.{name}", reason_for(f"bucket_{name}_invalid"))
        for name, is_valid in valid.items()
        if not is_valid
    ]


def address_of(target: ExternalBucket) -> tuple[str, int] | None:
    """The address and port of an endpoint; None if its host is a name."""
    parts = urlsplit(target.endpoint)
    try:
        return str(ip_address(parts.hostname or "")), parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return None


def external_key(target: ExternalBucket, name: str) -> str:
    """The key of the archive `name` in the bucket."""
    return f"{target.folder}/{name}.zip".lstrip("/")


def _is_endpoint(endpoint: str) -> bool:
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        return False
    host = parts.netloc if port is None else parts.netloc.rpartition(":")[0]
    is_plain = parts.scheme in ("http", "https") and not (parts.path or parts.query or parts.fragment)
    return is_plain and port != 0 and _HOST.fullmatch(host.lower()) is not None


def _is_folder(folder: str) -> bool:
    return not _CONTROL.search(folder) and not {".", ".."} & set(folder.split("/"))
