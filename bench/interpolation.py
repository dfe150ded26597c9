"""CPU and memory of computing every visible shape from keyframes.

    python -m bench.interpolation

360,000 shapes: 10 videos of 1,800 frames with 20 tracks each and a keyframe on every tenth frame; as vectorized boxes
like in exports, and as geometry objects: boxes, polygons of 12 points and skeletons of 17. Goal for vectorized boxes:
≤ 0.5 CPU s and ≤ 150 MB.
"""

import argparse
import json
import math
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable

from bench.report import Figure, Report, run
from common.contract.labels import Keyframe
from common.geometry.shapes import visible_shapes
from common.geometry.tracks import Tracks, frame_windows, visible_boxes
from common.geometry.types import Box, Geometry, Keypoint, Part, Polygon, Skeleton

VIDEOS, FRAMES, TRACKS, KEY_EVERY, POINTS, KEYPOINTS = 10, 1800, 20, 10, 12, 17
BOXES_AT_ONCE = 32_768
Track = list[Keyframe]


def box(dice: random.Random) -> Geometry:
    """A box at a random position."""
    x, y = dice.uniform(0, 1800), dice.uniform(0, 1000)
    return Box(x1=x, y1=y, x2=x + 100.5, y2=y + 60.25, rotation=dice.uniform(0, 360))


def polygon(dice: random.Random) -> Geometry:
    """A polygon at a random position, similar to the others."""
    x, y = dice.uniform(100, 1800), dice.uniform(100, 1000)
    angles = [2 * math.pi * point / POINTS for point in range(POINTS)]
    radii = [dice.uniform(70, 90) for _ in angles]
    outer = [(x + r * math.cos(a), y + r * math.sin(a)) for a, r in zip(angles, radii, strict=True)]
    return Polygon(parts=[Part(outer=outer)])


def skeleton(dice: random.Random) -> Geometry:
    """A skeleton at a random position."""
    x, y = dice.uniform(100, 1800), dice.uniform(100, 1000)
    keypoints = [
        Keypoint(name=f"point {number}", x=x + dice.uniform(-50, 50), y=y + dice.uniform(-90, 90))
        for number in range(KEYPOINTS)
    ]
    return Skeleton(keypoints=keypoints)


def video(number: int, geometry: Callable[[random.Random], Geometry]) -> list[Track]:
    """The keyframes of a video's tracks."""
    dice = random.Random(number)
    return [
        [Keyframe(frame=frame, geometry=geometry(dice)) for frame in range(0, FRAMES, KEY_EVERY)] for _ in range(TRACKS)
    ]


def vectorized_boxes(tracks: list[Track]) -> int:
    """Compute all boxes as arrays; returns their number."""
    arrays = Tracks.of(tracks)
    cuts = frame_windows(arrays, FRAMES, BOXES_AT_ONCE)
    return sum(len(visible_boxes(arrays, first, last).boxes_xyxyr) for first, last in cuts)


def geometries(tracks: list[Track]) -> int:
    """Compute all shapes as geometry objects; returns their number."""
    return sum(1 for _ in visible_shapes(tracks, 0, FRAMES - 1))


CASES: dict[str, tuple[Callable[[random.Random], Geometry], Callable[[list[Track]], int]]] = {
    "vectorized boxes": (box, vectorized_boxes),
    "boxes": (box, geometries),
    "polygons of 12 points": (polygon, geometries),
    "skeletons of 17": (skeleton, geometries),
}


# CPU seconds and MB of memory.
GOALS = {"vectorized boxes": (0.5, 150)}


def measure(report: Report, name: str) -> None:
    """Compute the shapes of every video and report time and memory; run in a separate process."""
    geometry, compute = CASES[name]
    cpu_s, shapes, peak_kb = 0.0, 0, 0
    for number in range(VIDEOS):
        tracks = video(number, geometry)
        before = time.process_time()
        shapes += compute(tracks)
        cpu_s += time.process_time() - before
        peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cpu_goal_s, goal_mb = GOALS.get(name, (None, None))
    report.add(f"{shapes:,} {name}", cpu_s, "CPU s", at_most=cpu_goal_s)
    report.add(f"{shapes:,} {name}, each", cpu_s / shapes * 1e6, "CPU us")
    report.add(f"{shapes:,} {name}, peak", peak_kb / 1024, "MB", at_most=goal_mb)


def main(report: Report, chosen: argparse.Namespace) -> None:
    """Measure each case, or the selected one."""
    if chosen.case:
        measure(report, chosen.case)
        return
    for name in CASES:
        # Memory is the peak of a process, so that each case runs in a separate one.
        command = [sys.executable, "-m", "bench.interpolation", "--case", name, "--json"]
        for figure in json.loads(subprocess.run(command, check=False, stdout=subprocess.PIPE).stdout)["figures"]:
            report.add_figure(Figure(**figure))


def options() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", choices=sorted(CASES))
    return parser


if __name__ == "__main__":
    run(main, options())
