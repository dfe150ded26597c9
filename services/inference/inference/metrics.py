"""Metrics of the inference service, beside those of every service."""

from prometheus_client import Counter, Histogram

_FRAME_BUCKETS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 2)

CLIPS = Counter("tracklane_inference_clips_total", "Clips that runs worked on", ["outcome"])
GAPS = Counter("tracklane_inference_gaps_total", "Gaps between keyframes that quick runs worked on", ["outcome"])
LOST = Counter("tracklane_inference_lost_total", "Gaps in which the object was lost")
FRAMES = Counter("tracklane_inference_frames_total", "Frames that a detector processed", ["model"])
DETECTIONS = Counter("tracklane_inference_detections_total", "Objects that a detector found", ["model"])
DETECT_SECONDS = Histogram(
    "tracklane_inference_detect_seconds", "Time to detect and track on one frame", ["model"], buckets=_FRAME_BUCKETS
)
TRACKED_FRAMES = Counter(
    "tracklane_inference_followed_frames_total", "Frames through which an object was tracked, each way"
)
TRACK_SECONDS = Histogram(
    "tracklane_inference_follow_seconds", "Time to track an object to the next frame", buckets=_FRAME_BUCKETS
)
