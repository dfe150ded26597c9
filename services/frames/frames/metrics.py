"""Metrics of the frames service, beside those of every service."""

from prometheus_client import Counter, Histogram

_WORK_BUCKETS = (0.05, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900)

FRAMES_CUT = Counter("tracklane_frames_cut_total", "Frames brought into a rendition", ["rendition"])
REFUSED = Counter("tracklane_footage_refused_total", "Files that could not be decoded", ["kind"])
WORK_SECONDS = Histogram(
    "tracklane_footage_seconds", "Time for one piece of work on footage", ["work"], buckets=_WORK_BUCKETS
)
