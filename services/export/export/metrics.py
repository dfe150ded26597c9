"""What a person on call looks at: exports by how they ended, how long they took, how much they carried."""

from prometheus_client import Counter, Histogram

EXPORTS = Counter("tracklane_exports_total", "Exports that ended", ["format", "state"])
EXPORT_BYTES = Counter("tracklane_export_bytes_total", "Bytes of archives written", ["format"])
EXPORT_SECONDS = Histogram(
    "tracklane_export_seconds",
    "Time to write an archive",
    ["format"],
    buckets=(0.1, 0.5, 2, 10, 60, 300, 1800, 7200),
)
