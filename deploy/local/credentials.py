"""The passwords and keys of the embedded servers: random, created once, readable by their owner only."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

import nkeys

from common.contract.services import SERVICES


@dataclass(frozen=True)
class Credentials:
    """The servers' credentials; `password` is valid for NATS and MongoDB."""

    passwords: dict[str, str]
    s3_access_key: str
    s3_secret_key: str
    mongo_keyfile: str
    nats_issuer_seed: str
    nats_issuer: str
    demo_password: str

    def password(self, user: str) -> str:
        return self.passwords[user]

    @classmethod
    def of(cls, home: Path) -> "Credentials":
        """The credentials in `home`, created on the first start."""
        path = home / "credentials.json"
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            write_private(path, json.dumps(asdict(_new()), indent=2))
        return cls(**json.loads(path.read_text()))


def write_private(path: Path, text: str) -> None:
    """Replace a file atomically; only its owner may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    fresh.replace(path)


def _new() -> Credentials:
    seed = nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_ACCOUNT)
    return Credentials(
        passwords={user: secrets.token_urlsafe(24) for user in (*SERVICES, "topology", "admin", "delivery")},
        s3_access_key=secrets.token_hex(10),
        s3_secret_key=secrets.token_urlsafe(30),
        mongo_keyfile=secrets.token_hex(128),
        nats_issuer_seed=seed.decode(),
        nats_issuer=nkeys.from_seed(seed).public_key.decode(),
        demo_password=secrets.token_urlsafe(9),
    )
