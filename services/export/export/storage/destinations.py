"""Destinations of archives and sources of label files: the own S3, or an external bucket with a person's keys."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import structlog

from common.contract.errors import Problem
from common.contract.questions import Export
from common.storage.egress import EgressPolicy, Resolver, resolve_host
from common.storage.external import ExternalObjects, ExternalStorageError
from common.storage.multipart import Written, abort_uploads
from export.storage.archives import Archives
from export.storage.secret_box import SecretBox

log = structlog.get_logger()

# Errors of keys that may only write, and of stores that do not support listing uploads.
_CANNOT_LIST = ("AccessDenied", "NotImplemented", "MethodNotAllowed")


class StoredExport(Protocol):
    """An export, the key of its archive, and the encrypted keys to its target."""

    @property
    def export(self) -> Export: ...

    @property
    def key(self) -> str: ...

    @property
    def sealed(self) -> bytes | None: ...


class ExternalArchives(Archives):
    """Archives in an external bucket. Existing objects are kept: only unfinished uploads are deleted."""

    def clear(self, key: str) -> None:
        """Delete unfinished uploads of the archive, as far as the keys allow.

        Raises:
            Problem: the bucket does not exist or cannot be reached.
        """
        try:
            abort_uploads(self._objects, key)
        except ExternalStorageError as error:
            if error.answered not in _CANNOT_LIST:
                raise


@dataclass(frozen=True, slots=True)
class Destination:
    """The destination of one archive."""

    archives: Archives
    key: str

    def write(self, chunks: Iterable[bytes], check: Callable[[], None] = lambda: None) -> Written:
        """Store the archive, after deleting unfinished uploads of killed attempts. See `Archives.write`."""
        self.archives.clear(self.key)
        return self.archives.write(self.key, chunks, check)

    def clear(self) -> None:
        """Delete the archive, as far as that is possible."""
        try:
            self.archives.clear(self.key)
        except Problem as problem:
            log.warning("unfinished uploads may be left in an external bucket", reason=problem.message)


class Destinations:
    """Opens the destinations of exports and the sources of imports."""

    def __init__(
        self, own: Archives, secret_box: SecretBox, policy: EgressPolicy, resolve: Resolver = resolve_host
    ) -> None:
        self._own = own
        self.secret_box = secret_box
        self.policy = policy
        self._resolve = resolve

    def to_write(self, record: StoredExport) -> Destination:
        """The destination of an export to write.

        Raises:
            Problem: the keys to the target are deleted.
        """
        found = self.of(record)
        if found is None:
            raise Problem("export_keys_expired")
        return found

    def source(self, import_id: str, sealed: bytes | None) -> ExternalObjects | None:
        """The external bucket of an import; None if its keys are deleted."""
        target = self.secret_box.decrypt(import_id, sealed) if sealed else None
        return None if target is None else ExternalObjects(target, self.policy, self._resolve)

    def of(self, record: StoredExport) -> Destination | None:
        """The destination of an export; None if the keys to its target are deleted."""
        if record.export.target is None:
            return Destination(self._own, record.key)
        target = self.secret_box.decrypt(record.export.id, record.sealed) if record.sealed else None
        if target is None:
            return None
        return Destination(ExternalArchives(ExternalObjects(target, self.policy, self._resolve)), record.key)
