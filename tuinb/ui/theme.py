"""The theme of a screen: the one that the user chose, else a dark or a light one by the terminal's background.

Until the background is known it counts as dark, as most are, so that only a light terminal shows a change. The first paint uses
COLORFGBG, which some terminals set; the terminal's reply replaces it. A theme that the user chose stays. If a theme can't be
read, the error is reported, and the app starts with the default theme.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from tuinb import themes
from tuinb.capabilities import Colors
from tuinb.errors import ConfigError
from tuinb.record import Record
from tuinb.render.styles import ThemeStyles

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.style import Style

    from tuinb.config import Config


class ThemePair(NamedTuple):
    """Names of the themes for dark and light backgrounds."""

    dark: str
    light: str


class ThemeChoice(Record):
    """The theme of the first paint."""

    theme: themes.Theme
    automatic: ThemePair | None
    """Themes to choose from when the background is known. None if the user chose a theme."""
    problem: str = ""
    """Error in the requested theme; empty for none."""


def initial_theme(requested: str | None, config: Config, colors: Colors, environ: Mapping[str, str]) -> ThemeChoice:
    """Returns the theme to start with. `requested` is the name in the arguments or settings; None or `auto` for none."""
    few = colors <= Colors.ANSI16
    own = ThemePair("ansi", "ansi-light") if few else ThemePair("dark", "light")
    chosen = requested if requested != "auto" else None
    pair = own if few else ThemePair(config.theme_dark or own.dark, config.theme_light or own.light)
    light = bool(light_background(environ))
    try:
        return ThemeChoice(themes.load(chosen or pair[light]), None if chosen else pair)
    except ConfigError as error:
        return ThemeChoice(themes.builtin(own[light]), own, str(error))


def light_background(environ: Mapping[str, str]) -> bool | None:
    """Returns whether COLORFGBG names a light background. None if it is not set or has no number.

    It is `15;0`: the colour numbers of text and background. Some terminals put `default` between them.
    """
    last = environ.get("COLORFGBG", "").rpartition(";")[2]
    if not last.isdecimal() or len(last) > 2 or int(last) > 15:
        return None
    return int(last) == 7 or int(last) > 8


@runtime_checkable
class Restyled(Protocol):
    """A widget that copies colours from the theme when it is built."""

    def restyle(self, role: Callable[[str], Style]) -> None:
        """Applies the colours of the current theme."""
        ...


class ScreenTheme:
    """The current theme of one screen. `changed` is called after each change, `report` with an error message."""

    def __init__(self, choice: ThemeChoice, changed: Callable[[], None], report: Callable[[str], None]) -> None:
        self.styles = ThemeStyles(choice.theme)
        self._automatic = choice.automatic
        self._changed = changed
        self._report = report

    @property
    def name(self) -> str:
        """Name of the current theme."""
        return self.styles.theme.name

    def role(self, name: str) -> Style:
        """Returns the style for a role of the interface."""
        return self.styles.role(name)

    def choose(self, name: str) -> None:
        """Changes to a theme that the user chose. From then on the terminal's background does not change it.

        Raises ConfigError and keeps the current theme if it can't be loaded.
        """
        self._use(name)
        self._automatic = None

    def follow_background(self, light: bool) -> None:
        """Changes to the theme for the terminal's background, unless the user chose one."""
        if self._automatic is None or self._automatic[light] == self.name:
            return
        try:
            self._use(self._automatic[light])
        except ConfigError as error:
            self._report(str(error))

    def _use(self, name: str) -> None:
        self.styles = ThemeStyles(themes.load(name))
        self._changed()
