"""The colours of classes.

color_of("Car")                                  # the same colour for the same name
color_of("Van", taken=[car.color, bus.color])    # another one where the first choice is taken
"""

import colorsys
import hashlib
from collections.abc import Iterable

HUES = 18
# Far apart, and every colour has its turn: 7 and 18 are coprime.
_NEXT_HUE = 7


def _shade(number: int) -> str:
    hue, lightness = number / HUES, 0.66 if number % 2 else 0.5
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in colorsys.hls_to_rgb(hue, lightness, 0.85))


# Neighbouring hues differ in lightness too, so that all can be told apart on video.
PALETTE = tuple(_shade(number) for number in range(HUES))


def color_of(name: str, taken: Iterable[str] = ()) -> str:
    """The colour `#rrggbb` of a new class: chosen by its name, one that is not taken if there is any."""
    used = set(taken)
    start = hashlib.sha256(name.encode()).digest()[0]
    choices = [PALETTE[(start + step * _NEXT_HUE) % HUES] for step in range(HUES)]
    return next((color for color in choices if color not in used), choices[0])
