"""Keys to someone else's S3 while an export waits for its turn: sealed, so that who reads the database, its backups or
its logs learns nothing."""

import hashlib

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from common.contract.questions import S3Target


class Seal:
    """Seals and opens with a key derived from `secret`, which every replica of the service has and no database holds:
    XSalsa20-Poly1305 (NaCl's secret box) under BLAKE2b(secret)."""

    def __init__(self, secret: str) -> None:
        self._box = SecretBox(hashlib.blake2b(secret.encode(), digest_size=32, person=b"export targets").digest())

    def close(self, export_id: str, target: S3Target) -> bytes:
        """The target of one export, readable for this seal only."""
        return bytes(self._box.encrypt(f"{export_id}\n{target.model_dump_json()}".encode()))

    def open(self, export_id: str, sealed: bytes) -> S3Target | None:
        """What was sealed for this export; None if it was for another one, or with another secret."""
        try:
            owner, _, target = self._box.decrypt(sealed).partition(b"\n")
        except (CryptoError, ValueError):
            return None
        return S3Target.model_validate_json(target) if owner == export_id.encode() else None
