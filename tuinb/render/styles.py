"""Rich styles of a theme's colours, by interface role, Pygments token and ANSI colour. Made on first use and cached."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, TypeVar

from rich.color import Color
from rich.style import Style

from tuinb.themes import ANSI_COLORS, Theme

if TYPE_CHECKING:
    from pygments.token import _TokenType

_MAX_CACHED = 4096
"""Maximum number of cached styles that foreign text chose. True colours could create millions."""

_K = TypeVar("_K", bound=Hashable)


class ThemeStyles:
    """Styles of one theme."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self._roles: dict[str, Style] = {}
        self._tokens: dict[_TokenType, Style | None] = {}
        self._made: dict[Hashable, Style] = {}
        self._ansi: dict[int, Color] = {}

    def role(self, name: str) -> Style:
        """Returns the style of an interface role (themes.INTERFACE_ROLES).

        Background roles and `bracket_match` set the background and the attributes of the theme (reverse, if a colour would
        not do). `cursor` sets both colours. `inline_code` includes the background of code. Headings are bold and links are
        underlined.
        """
        style = self._roles.get(name)
        if style is None:
            style = self._roles[name] = self._make_role(name)
        return style

    def token(self, token: _TokenType) -> Style | None:
        """Returns the style of a Pygments token or of its nearest parent in the theme. Returns None if the theme has
        neither.
        """
        try:
            return self._tokens[token]
        except KeyError:
            pass
        style: Style | None = None
        spec = self.theme.tokens.get(str(token).removeprefix("Token."))
        if spec is not None:
            style = parse_style(spec)
        elif token.parent is not None:
            style = self.token(token.parent)
        self._tokens[token] = style
        return style

    def ansi(self, number: int) -> Color:
        """Returns the colour shown for one of the terminal's 16 colours."""
        color = self._ansi.get(number)
        if color is None:
            name = ANSI_COLORS[number]
            color = self._ansi[number] = parse_color(self.theme.ansi_colors.get(name, name))
        return color

    def cached(self, key: _K, make: Callable[[_K, ThemeStyles], Style]) -> Style:
        """Returns `make(key, self)`, cached."""
        style = self._made.get(key)
        if style is None:
            if len(self._made) >= _MAX_CACHED:
                self._made.clear()
            style = self._made[key] = make(key, self)
        return style

    def _make_role(self, name: str) -> Style:
        style = parse_style(self.theme.interface[name])
        match name:
            case "background" | "bracket_match":
                return _as_background(style)
            case "cursor":
                return Style(color=self.role("background").bgcolor, bgcolor=style.color)
            case "inline_code":
                return style + self.role("code_background")
            case "heading":
                return Style(bold=True) + style
            case "link":
                return style + Style(underline=True)
            case _:
                return _as_background(style) if name.endswith("_background") else style


def parse_color(text: str) -> Color:
    """Returns a colour in the notation of theme files."""
    return Color.parse(text.removeprefix("ansi_"))


def parse_style(text: str) -> Style:
    """Returns a style in the notation of theme files: attributes, then a colour."""
    words = set(text.split())
    colors = [word for word in text.split() if word == "default" or word.startswith(("#", "ansi_"))]
    return Style(
        color=parse_color(colors[-1]) if colors else None,
        bold="bold" in words or None,
        dim="dim" in words or None,
        italic="italic" in words or None,
        underline="underline" in words or None,
        strike="strike" in words or None,
        reverse="reverse" in words or None,
    )


def _as_background(style: Style) -> Style:
    return style.without_color + Style(bgcolor=style.color)
