"""The demo clip is small, is what it claims to be, and holds what the detector knows."""

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from deploy.local.demo.render import CLIP, FPS, HEIGHT, SECONDS, WIDTH, render
from inference.models.registry import ModelRegistry

ROOT = Path(__file__).parents[2]


def test_the_clip_is_small_and_plain_h264() -> None:
    with av.open(CLIP) as file:
        video = file.streams.video[0]
        frames = sum(1 for _ in file.decode(video))

    assert CLIP.stat().st_size < 2 * 1024 * 1024
    assert (video.codec_context.name, video.width, video.height) == ("h264", WIDTH, HEIGHT)
    assert frames == FPS * SECONDS


def test_the_licence_lists_every_photograph() -> None:
    licence = CLIP.with_name("LICENSE.md").read_text()
    used = [line.split("photographs.")[1].split("(")[0] for line in rendering() if "photographs." in line]

    assert len(used) == 4
    assert [name for name in used if name not in licence] == []


def test_the_detector_sees_the_person_and_the_cat_all_the_time() -> None:
    detector = ModelRegistry(ROOT / "services/inference/inference/models").detector("nanodet-g-416")
    box = detector.letterbox((WIDTH, HEIGHT))

    with av.open(CLIP) as file:
        for number, frame in enumerate(file.decode(video=0)):
            if number % 10 == 0:
                image = cv2.resize(frame.to_ndarray(format="bgr24"), box.image_wh)
                found = detector.detect(np.asarray(image, np.uint8), box, 0.45)
                assert {"person", "cat"} <= {detector.manifest.labels[label] for label in found.labels}, number


@pytest.mark.soak
def test_the_clip_can_be_rendered_again(tmp_path: Path) -> None:
    render(tmp_path / "again.mp4")

    assert abs((tmp_path / "again.mp4").stat().st_size - CLIP.stat().st_size) < 10_000


def rendering() -> list[str]:
    return CLIP.with_name("render.py").read_text().splitlines()
