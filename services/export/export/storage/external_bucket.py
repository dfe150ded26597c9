"""Someone else's S3 as people name it: put right where it can be, and what is wrong with it where it cannot."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from common.contract.errors import reason_for
from common.contract.questions import ExternalBucket, S3Target
from common.service.errors import FieldError
from common.storage.egress import EgressPolicy

_BUCKET = re.compile(r"[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]")
_REGION = re.compile(r"[a-z0-9-]{1,40}")
_KEY = re.compile(r"[!-~]{1,512}")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\.?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")


def settled(target: S3Target) -> S3Target:
    """The target with an endpoint that names its scheme (https, if none is given) and a folder without slashes around
    it."""
    endpoint = target.endpoint.strip().rstrip("/")
    if "://" not in endpoint:
        endpoint = f"https://{endpoint}"
    folder = "/".join(part for part in target.folder.strip().split("/") if part)
    return target.model_copy(update={"endpoint": endpoint, "folder": folder})


def faults_of(target: S3Target | None, reachable: EgressPolicy, field: str = "target") -> list[FieldError]:
    """What is wrong with a settled target at first sight, field by field; a name is looked up when it is called."""
    if target is None:
        return []
    found = _faults(target, field)
    numbers = None if found else address_of(target)
    if numbers is not None and not reachable.allows(*numbers):
        found.append(FieldError(f"{field}.endpoint", reason_for("external_address_not_public", host=numbers[0])))
    return found


def _faults(target: S3Target, field: str) -> list[FieldError]:
    sound = {
        "endpoint": (_is_endpoint(target.endpoint), "Give the address of an S3, as https://host or https://host:port."),
        "bucket": (
            _BUCKET.fullmatch(target.bucket),
            "Give the name of a bucket: small letters, digits, dots, hyphens.",
        ),
        "folder": (_is_folder(target.folder), "A folder has no “.” or “..” in its path and no control characters."),
        "region": (_REGION.fullmatch(target.region), "Give a region like us-east-1."),
        "access_key": (_KEY.fullmatch(target.access_key), "Give the access key."),
        "secret_key": (_KEY.fullmatch(target.secret_key), "Give the secret key."),
    }
    return [FieldError(f"{field}.{name}", words) for name, (is_sound, words) in sound.items() if not is_sound]


def address_of(target: ExternalBucket) -> tuple[str, int] | None:
    """The address and port of an endpoint that is numbers and no name."""
    parts = urlsplit(target.endpoint)
    try:
        return str(ip_address(parts.hostname or "")), parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return None


def place_key(target: ExternalBucket, name: str) -> str:
    """Under which key the archive `name` lies there."""
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
