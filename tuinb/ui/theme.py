"""Which theme a screen has: the one that was chosen, else a dark or a light one by the terminal's background.

Until the background is known it is taken for dark, as most are, so that only a light terminal sees a change. COLORFGBG, which
some terminals set, is believed before the first paint; the terminal's own answer, whenever it comes, goes before it. Whatever
somebody chose stays. A theme that can't be read is said, and the program starts without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from tuinb import themes
from tuinb.capabilities import Colors
from tuinb.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.style import Style

    from tuinb.config import Config
    from tuinb.ui.app import TuinbApp


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


def restyle(app: TuinbApp) -> None:
    """The whole screen in the theme that the app has now; nothing is scrolled."""
    app.view.render_anew()
    if app.editing is not None:
        app.editing.restyle()
    for widget in app.screen.walk_children():
        if isinstance(widget, Restyled):
            widget.restyle(app.role)
        widget.refresh()
    app.sync(reveal=False)


def follow_background(app: TuinbApp, light: bool) -> None:
    """The terminal said what it stands on: the screen follows, unless a theme was chosen."""
    if app.automatic_themes is None or app.leaving:
        return
    name = app.automatic_themes[light]
    if name == app.theme_name:
        return
    try:
        app.use_theme(name)
    except ConfigError as error:
        app.host.notify(str(error), "error")
