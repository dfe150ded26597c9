"""The colours of classes.

color_of("Car")                                  # the same colour for the same name
color_of("Van", taken=[car.color, bus.color])    # a different one if the first choice is in use
"""

import colorsys
import hashlib
from collections.abc import Iterable

HUES = 18
# Consecutive choices are far apart, and all hues occur: 7 and 18 are coprime.
_NEXT_HUE = 7


def _shade(number: int) -> str:
    hue, lightness = number / HUES, 0.66 if number % 2 else 0.5
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in colorsys.hls_to_rgb(hue, lightness, 0.85))


# Neighbouring hues also differ in lightness, so that they stay distinguishable on video.
PALETTE = tuple(_shade(number) for number in range(HUES))


def color_of(name: str, taken: Iterable[str] = ()) -> str:
    """The colour `#rrggbb` of a new class, derived from its name and distinct from `taken` if possible."""
    used = set(taken)
    start = hashlib.sha256(name.encode()).digest()[0]
    choices = [PALETTE[(start + step * _NEXT_HUE) % HUES] for step in range(HUES)]
    return next((color for color in choices if color not in used), choices[0])
