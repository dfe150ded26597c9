"""Metrics of all services. Labels are few and bounded, and never contain ids."""

from prometheus_client import Counter, Gauge, Histogram

MESSAGES = Counter("tracklane_messages_total", "Messages handled", ["consumer", "outcome"])
MESSAGE_SECONDS = Histogram(
    "tracklane_message_seconds",
    "Time from receiving a message to its acknowledgement",
    ["consumer"],
    buckets=(0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300, 1800),
)
CONSUMER_LAG = Gauge("tracklane_consumer_lag", "Messages waiting for a consumer", ["consumer"])
CONSUMER_IN_WORK = Gauge("tracklane_consumer_in_work", "Messages delivered but not acknowledged", ["consumer"])
OLDEST_SECONDS = Gauge("tracklane_consumer_oldest_seconds", "Age of the oldest unfinished message", ["consumer"])
REQUESTS = Counter("tracklane_requests_total", "Questions answered", ["question", "status"])
REQUEST_SECONDS = Histogram(
    "tracklane_request_seconds",
    "Time to answer a question",
    ["question"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.06, 0.1, 0.25, 1, 5, 30),
)
EVENTS_PUBLISHED = Counter("tracklane_events_published_total", "Events published", ["type"])
S3_BYTES = Counter("tracklane_s3_bytes_total", "Bytes transferred to and from S3", ["direction"])
