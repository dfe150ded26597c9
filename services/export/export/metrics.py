"""Metrics of the export service: exports and imports by outcome, their duration and size."""

from prometheus_client import Counter, Histogram

_JOB_BUCKETS = (0.1, 0.5, 2, 10, 60, 300, 1800, 7200)

EXPORTS = Counter("tracklane_exports_total", "Exports that ended", ["format", "state"])
IMPORTS = Counter("tracklane_imports_total", "Imports that ended", ["state"])
IMPORTED_OBJECTS = Counter("tracklane_imported_objects_total", "Objects of imports by outcome", ["outcome"])
EXPORT_BYTES = Counter("tracklane_export_bytes_total", "Bytes of archives written", ["format"])
EXPORT_SECONDS = Histogram("tracklane_export_seconds", "Time to write an archive", ["format"], buckets=_JOB_BUCKETS)
IMPORT_SECONDS = Histogram("tracklane_import_seconds", "Time to import an archive", buckets=_JOB_BUCKETS)
