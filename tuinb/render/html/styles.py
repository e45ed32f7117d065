"""Styles of HTML elements and `style` attributes for inline text: attributes, readable colours, safe links.

Style sheets are dropped with their elements. An element's own style is kept, as far as it is readable on the theme's
background. Digits and signs in `sup` and `sub` use Unicode's characters. Other text gets a mark before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.color import Color
from rich.style import Style

from tuinb.render import contrast
from tuinb.render.html.tree import declarations
from tuinb.render.safe import link_target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuinb.render.html.tree import Element
    from tuinb.render.styles import ThemeStyles

_BOLD, _ITALIC, _STRIKE, _UNDERLINE = Style(bold=True), Style(italic=True), Style(strike=True), Style(underline=True)
_STYLES = {
    **dict.fromkeys(("b", "strong", "th", "summary", "dt", "legend"), _BOLD),
    **dict.fromkeys(("i", "em", "var", "cite", "dfn", "address", "caption", "figcaption"), _ITALIC),
    **dict.fromkeys(("del", "s", "strike"), _STRIKE),
    **dict.fromkeys(("u", "ins"), _UNDERLINE),
    "mark": Style(reverse=True),
}
_CODE = frozenset(("code", "kbd", "samp", "tt"))
_COLOR_NAMES = {
    "black": "#000000",
    "silver": "#c0c0c0",
    "gray": "#808080",
    "grey": "#808080",
    "white": "#ffffff",
    "maroon": "#800000",
    "red": "#ff0000",
    "purple": "#800080",
    "magenta": "#ff00ff",
    "fuchsia": "#ff00ff",
    "green": "#008000",
    "lime": "#00ff00",
    "olive": "#808000",
    "yellow": "#ffff00",
    "navy": "#000080",
    "blue": "#0000ff",
    "teal": "#008080",
    "cyan": "#00ffff",
    "aqua": "#00ffff",
    "orange": "#ffa500",
    "pink": "#ffc0cb",
    "brown": "#a52a2a",
    "lightgreen": "#90ee90",
    "lightblue": "#add8e6",
    "darkred": "#8b0000",
    "darkgreen": "#006400",
    "darkblue": "#00008b",
    "darkorange": "#ff8c00",
    "lightgray": "#d3d3d3",
    "lightgrey": "#d3d3d3",
    "gold": "#ffd700",
    "salmon": "#fa8072",
    "tomato": "#ff6347",
    "crimson": "#dc143c",
}
_RAISED = str.maketrans("0123456789+-=()in", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁱⁿ")
_LOWERED = str.maketrans("0123456789+-=()aeoxijnmt", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₒₓᵢⱼₙₘₜ")


class _Colors(NamedTuple):
    """Colours that markup requests. A key of the theme's style cache."""

    text: Color | None
    background: Color | None


def over(base: Style | None, style: Style | None) -> Style | None:
    """Returns `style` combined over `base`."""
    if base is None or style is None:
        return style if base is None else base
    return base + style


def style_of(element: Element, styles: ThemeStyles) -> Style | None:
    """Returns the style that an element adds to its text, or None."""
    name, attributes = element.name, element.attributes
    style = styles.role("inline_code") if name in _CODE else _STYLES.get(name)
    if name == "a" and (target := attributes.get("href", "")):
        style = link_style(target, styles)
    if name == "font" and (color := attributes.get("color")):
        style = over(style, _colored(color.lower(), "", styles))
    if declared := attributes.get("style"):
        style = over(style, _declared(declared, styles))
    return style


def link_style(target: str, styles: ThemeStyles) -> Style | None:
    """Returns the style of a link. Returns None if a terminal can't open it, for example a place on the same page."""
    target = target.strip()
    safe = link_target("https:" + target if target.startswith("//") else target)
    return styles.role("link") + Style(link=safe) if safe else None


def script_text(text: str, name: str) -> str:
    """Returns text in `sup` or `sub` as Unicode superscripts or subscripts, or with a mark before it."""
    table, mark = (_RAISED, "^") if name == "sup" else (_LOWERED, "_")
    if all(ord(char) in table for char in text):
        return text.translate(table)
    return f"{mark}{text}" if len(text) == 1 else f"{mark}({text})"


def _declared(text: str, styles: ThemeStyles) -> Style | None:
    declared: Mapping[str, str] = declarations(text)
    style: Style | None = None
    if declared.get("font-weight", "") in ("bold", "bolder", "600", "700", "800", "900"):
        style = _BOLD
    if declared.get("font-style", "") in ("italic", "oblique"):
        style = over(style, _ITALIC)
    decoration = declared.get("text-decoration", "") + declared.get("text-decoration-line", "")
    if "line-through" in decoration:
        style = over(style, _STRIKE)
    if "underline" in decoration:
        style = over(style, _UNDERLINE)
    background = declared.get("background-color") or declared.get("background", "")
    return over(style, _colored(declared.get("color", ""), background, styles))


def _colored(text: str, background: str, styles: ThemeStyles) -> Style | None:
    if not (text or background) or styles.theme.ansi:
        return None
    colors = _Colors(_parse(text), _parse(background))
    return styles.cached(colors, _make_colors) if any(colors) else None


def _make_colors(colors: _Colors, styles: ThemeStyles) -> Style:
    text, background = colors
    ink, page = styles.role("foreground").color, styles.role("background").bgcolor
    if ink is None or page is None:
        return Style()
    if background is not None:
        text = contrast.readable(text or ink, background)
    elif text is not None:
        text = contrast.visible(text, page, ink)
    return Style(color=text, bgcolor=background)


def _parse(text: str) -> Color | None:
    """Returns a CSS colour in the notations that programs write. Returns None for other notations and for transparent
    colours.
    """
    text = _COLOR_NAMES.get(text, text)
    if text.startswith("#"):
        digits = text[1:]
        if len(digits) in (3, 4):
            digits = "".join(char * 2 for char in digits)
        if len(digits) in (6, 8) and all(char in "0123456789abcdef" for char in digits):
            return Color.from_rgb(*(int(digits[i : i + 2], 16) for i in (0, 2, 4)))
    if text.startswith(("rgb(", "rgba(")) and text.endswith(")"):
        numbers = text[:-1].partition("(")[2].replace(",", " ").split()
        levels = [int(number) for number in numbers[:3] if number.isdecimal() and len(number) < 4]
        if len(numbers) in (3, 4) and len(levels) == 3 and max(levels) < 256:
            return None if numbers[3:] == ["0"] else Color.from_rgb(*levels)
    return None
