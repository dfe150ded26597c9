"""Access keys of external S3 buckets, encrypted until the job that needs them has ended, so that neither the database
nor its backups and logs reveal them."""

import hashlib

from nacl import secret
from nacl.exceptions import CryptoError

from common.contract.questions import S3Target


class SecretBox:
    """Encrypts with a key derived from `passphrase`, which every replica of the service has and no database holds:
    XSalsa20-Poly1305 (NaCl's secret box) under BLAKE2b(passphrase)."""

    def __init__(self, passphrase: str) -> None:
        digest = hashlib.blake2b(passphrase.encode(), digest_size=32, person=b"export targets").digest()
        self._box = secret.SecretBox(digest)

    def encrypt(self, job_id: str, target: S3Target) -> bytes:
        """The target of a job, encrypted."""
        return bytes(self._box.encrypt(f"{job_id}\n{target.model_dump_json()}".encode()))

    def decrypt(self, job_id: str, encrypted: bytes) -> S3Target | None:
        """The target of a job; None if it was encrypted for another job or with another passphrase."""
        try:
            owner, _, target = self._box.decrypt(encrypted).partition(b"\n")
        except (CryptoError, ValueError):
            return None
        return S3Target.model_validate_json(target) if owner == job_id.encode() else None
