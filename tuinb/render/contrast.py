"""Keeps foreign colours readable on a background that their author did not know."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color
from rich.color_triplet import ColorTriplet

_READABLE = 4.5
"""WCAG's minimum contrast for text."""
_VISIBLE = 3.0
"""WCAG's minimum contrast for graphics. Used for foreign colours, to change them no more than necessary."""
_BLACK, _WHITE = Color.from_rgb(0, 0, 0), Color.from_rgb(255, 255, 255)


def ratio(a: Color, b: Color) -> float:
    """Returns WCAG's contrast ratio of two colours, 1 to 21."""
    low, high = sorted((_luminance(a.get_truecolor()), _luminance(b.get_truecolor())))
    return (high + 0.05) / (low + 0.05)


def readable(foreground: Color, background: Color) -> Color:
    """Returns `foreground` if it is readable on `background`, else black or white."""
    if ratio(foreground, background) >= _READABLE:
        return foreground
    return max(_BLACK, _WHITE, key=lambda color: ratio(color, background))


def visible(foreground: Color, background: Color, towards: Color) -> Color:
    """Returns `foreground`, mixed with `towards` until it is visible on the background."""
    start, end = foreground.get_truecolor(), towards.get_truecolor()
    color = foreground
    for step in range(1, 5):
        if ratio(color, background) >= _VISIBLE:
            break
        mixed = (round(a + (b - a) * step / 4) for a, b in zip(start, end, strict=True))
        color = Color.from_triplet(ColorTriplet(*mixed))
    return color


@lru_cache(maxsize=1024)
def _luminance(color: ColorTriplet) -> float:
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (c / 255 for c in color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
