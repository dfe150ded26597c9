"""Metrics of the export service: exports and imports by outcome, their duration and size."""

from prometheus_client import Counter, Histogram

EXPORTS = Counter("tracklane_exports_total", "Exports that ended", ["format", "state"])
IMPORTS = Counter("tracklane_imports_total", "Imports that ended", ["state"])
IMPORTED_OBJECTS = Counter("tracklane_imported_objects_total", "Objects of imports by what became of them", ["outcome"])
EXPORT_BYTES = Counter("tracklane_export_bytes_total", "Bytes of archives written", ["format"])
EXPORT_SECONDS = Histogram(
    "tracklane_export_seconds",
    "Time to write an archive",
    ["format"],
    buckets=(0.1, 0.5, 2, 10, 60, 300, 1800, 7200),
)
IMPORT_SECONDS = Histogram(
    "tracklane_import_seconds",
    "Time to make objects of an archive",
    buckets=(0.1, 0.5, 2, 10, 60, 300, 1800, 7200),
)
