"""Metrics of the annotation service, beside those of every service."""

from prometheus_client import Counter, Gauge, Histogram

EDITS = Counter("tracklane_edits_total", "Edits by outcome", ["outcome"])
EDIT_SECONDS = Histogram(
    "tracklane_edit_batch_seconds",
    "Time to apply a batch of edits, until it is durable",
    buckets=(0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.25, 1, 5),
)
TRANSACTIONS_REPEATED = Counter(
    "tracklane_transactions_repeated_total", "Transactions repeated because of a conflict with another one"
)
UNPUBLISHED = Gauge("tracklane_changes_unpublished", "Changes stored and not yet published (counted up to 10,000)")
UNPUBLISHED_SECONDS = Gauge("tracklane_changes_unpublished_seconds", "Age of the oldest change not yet published")
