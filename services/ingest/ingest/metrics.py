"""Metrics of the ingest service, beside those of every service."""

from prometheus_client import Counter

UPLOADS = Counter("tracklane_uploads_total", "Uploads that ended", ["outcome"])
HASHED_BYTES = Counter("tracklane_hashed_bytes_total", "Bytes whose SHA-256 was computed")
