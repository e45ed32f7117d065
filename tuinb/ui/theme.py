"""The theme of a screen: the one that the user chose, else a dark or a light one by the terminal's background.

Until the background is known it counts as dark, as most are, so that only a light terminal sees a change. COLORFGBG, which some
terminals set, is used for the first paint; the terminal's own answer replaces it. A theme that the user chose stays. A theme
that can't be read is reported, and the program starts with the default one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from tuinb import themes
from tuinb.capabilities import Colors
from tuinb.errors import ConfigError
from tuinb.render.styles import ThemeStyles

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.style import Style

    from tuinb.config import Config


class Pair(NamedTuple):
    """Names of themes for terminals of either kind."""

    dark: str
    light: str


@dataclass(frozen=True, slots=True)
class ThemeChoice:
    """What a screen starts with."""

    theme: themes.Theme
    automatic: Pair | None
    """What to change to when the background is known; None: a theme was chosen, and stays."""
    problem: str = ""
    """Why it is not the theme that was asked for."""


def at_start(asked: str | None, config: Config, colors: Colors, environ: Mapping[str, str]) -> ThemeChoice:
    """The theme to start with. `asked` is what the command line or the settings name, None or `auto` for none."""
    few = colors <= Colors.ANSI16
    own = Pair("ansi", "ansi-light") if few else Pair("dark", "light")
    chosen = asked if asked != "auto" else None
    pair = own if few else Pair(config.theme_dark or own.dark, config.theme_light or own.light)
    light = bool(light_background(environ))
    try:
        return ThemeChoice(themes.load(chosen or pair[light]), None if chosen else pair)
    except ConfigError as error:
        return ThemeChoice(themes.builtin(own[light]), own, str(error))


def light_background(environ: Mapping[str, str]) -> bool | None:
    """Whether COLORFGBG (`15;0`: the numbers of text and background, with `default` in between from some) says a light one.

    None where it says nothing.
    """
    last = environ.get("COLORFGBG", "").rpartition(";")[2]
    if not last.isdecimal() or len(last) > 2 or int(last) > 15:
        return None
    return int(last) == 7 or int(last) > 8


@runtime_checkable
class Restyled(Protocol):
    """A widget that took colours from the theme when it was made."""

    def restyle(self, role: Callable[[str], Style]) -> None:
        """Takes them from another."""
        ...


class ScreenTheme:
    """The current theme of one screen. `changed` is called after each change, `report` with an error."""

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
        """Changes to a theme that the user chose, which the background does not change any more.

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
