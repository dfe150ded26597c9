"""Where archives go to, and labels come from: our own S3, or the one that a person named with their keys."""

from collections.abc import Iterable
from dataclasses import dataclass
from threading import Event

import structlog

from common.service.errors import Problem
from common.storage.egress import EgressPolicy, Resolver, resolve_host
from common.storage.external import ExternalObjects, ExternalStorageError
from export.exporting.repository import Record
from export.storage.archives import Archives, Written
from export.storage.secret_box import Seal

log = structlog.get_logger()

# Keys that may write only, and stores that do not know the question.
_MAY_NOT_LOOK = ("AccessDenied", "NotImplemented", "MethodNotAllowed")

_NO_KEYS = "The keys to the other S3 are used once, and are not known any more. Start a new export."


class OutsideArchives(Archives):
    """Archives in someone else's S3. What was there before is theirs: only unfinished uploads are removed."""

    def clear(self, key: str) -> None:
        """Remove what attempts to write the archive left behind, as far as the keys allow.

        Raises:
            Problem: there is no such bucket, or it cannot be reached.
        """
        try:
            for upload in self._objects.list_multiparts(key):
                self._objects.abort_multipart(key, upload)
        except ExternalStorageError as refusal:
            if refusal.answered not in _MAY_NOT_LOOK:
                raise


@dataclass(frozen=True, slots=True)
class Destination:
    """Where one archive goes."""

    archives: Archives
    key: str

    def write(self, chunks: Iterable[bytes], halted: Event) -> Written:
        """Store the archive, after what an attempt left behind that was killed is gone. See `Archives.write`."""
        self.archives.clear(self.key)
        return self.archives.write(self.key, chunks, halted)

    def clear(self) -> None:
        """Remove what there is of it and can be removed."""
        try:
            self.archives.clear(self.key)
        except Problem as problem:
            log.warning("unfinished uploads may be left in an outside bucket", reason=problem.detail)


class Destinations:
    """Opens the destinations of exports and the sources of imports."""

    def __init__(self, own: Archives, seal: Seal, reachable: EgressPolicy, resolve: Resolver = resolve_host) -> None:
        self._own = own
        self.seal = seal
        self.reachable = reachable
        self._resolve = resolve

    def to_write(self, record: Record) -> Destination:
        """Where an export goes that is to be written.

        Raises:
            Problem: that takes keys that are not known any more.
        """
        found = self.of(record)
        if found is None:
            raise Problem(422, "Keys are gone", _NO_KEYS)
        return found

    def source(self, import_id: str, sealed: bytes | None) -> ExternalObjects | None:
        """Where the labels of an import come from; None if the keys to it are not known any more."""
        target = self.seal.open(import_id, sealed) if sealed else None
        return None if target is None else ExternalObjects(target, self.reachable, self._resolve)

    def of(self, record: Record) -> Destination | None:
        """Where an export goes; None if that takes keys that are not known any more."""
        if record.export.target is None:
            return Destination(self._own, record.key)
        target = self.seal.open(record.export.id, record.sealed) if record.sealed else None
        if target is None:
            return None
        return Destination(OutsideArchives(ExternalObjects(target, self.reachable, self._resolve)), record.key)
