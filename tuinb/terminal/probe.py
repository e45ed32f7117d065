"""Derives a terminal's capabilities from its environment, without asking the terminal.

The start does not wait for answers, which a slow line delivers late. What is uncertain is taken as not available; `queries`
asks later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tuinb.capabilities import Capabilities, Colors, Graphics, Notifications

if TYPE_CHECKING:
    from collections.abc import Mapping

_MODERN_TERMS: Final = ("kitty", "ghostty", "alacritty", "foot", "wezterm", "contour", "rio", "iterm")
_MODERN_PROGRAMS: Final = frozenset({"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "mintty", "rio", "WarpTerminal"})
"""Parts of TERM, and TERM_PROGRAM, of terminals that have true colour and shapes of the cursor."""
_TRUE_COLOR_TERMS: Final = (*_MODERN_TERMS, "direct")
_SHAPING_TERMS: Final = (*_MODERN_TERMS, "tmux")
_SHAPING_PROGRAMS: Final = _MODERN_PROGRAMS | {"Apple_Terminal"}
_SHAPING_VARIABLES: Final = ("VTE_VERSION", "XTERM_VERSION", "KONSOLE_VERSION", "WT_SESSION", "TMUX")
"""Variables that terminals with shapes of the cursor set."""
_MONOCHROME_TERMS: Final = ("vt100", "vt102", "vt220", "vt320", "xterm-mono", "ansi-m")
_SIXEL_TERMS: Final = ("foot", "mlterm", "contour", "yaft")
_NOTIFYING_TERMS: Final = {
    "kitty": Notifications.OSC9,
    "ghostty": Notifications.OSC9,
    "wezterm": Notifications.OSC9,
    "iterm": Notifications.OSC9,
    "foot": Notifications.OSC777,
    "rxvt-unicode": Notifications.OSC777,
    "vte": Notifications.OSC777,
}
"""Sequence by a part of TERM, TERM_PROGRAM or the name that a terminal gives of itself, in small letters."""
LOCAL_ESCAPE_DELAY: Final = 0.05
REMOTE_ESCAPE_DELAY: Final = 0.15
"""Seconds in which ESC may be the start of a sequence. A network may deliver what one key sends in two parts."""


def capabilities(environ: Mapping[str, str], window: tuple[int, int, int, int] | None = None) -> Capabilities:
    """Returns what the terminal can do. `window` is its size, if known: rows, columns, and width and height in pixels."""
    term = environ.get("TERM", "").lower()
    multiplexer = _multiplexer(environ, term)
    unicode = _is_unicode(environ)
    return Capabilities(
        colors=_colors(environ, term, multiplexer),
        unicode=unicode,
        graphics=_graphics(environ, term, multiplexer) if unicode else Graphics.NONE,
        cell_pixels=_cell_pixels(window),
        clipboard=term != "linux" and environ.get("TERM_PROGRAM") != "Apple_Terminal",
        notifications=_notifications(environ, multiplexer),
        cursor_shapes=_has_cursor_shapes(environ, term),
        multiplexer=multiplexer,
    )


def notifications(name: str) -> Notifications:
    """Returns how the terminal of this name shows notifications."""
    return next((sequence for known, sequence in _NOTIFYING_TERMS.items() if known in name.lower()), Notifications.NONE)


def _notifications(environ: Mapping[str, str], multiplexer: str) -> Notifications:
    """Returns how the terminal shows notifications, as far as the environment names it.

    tmux hides its name, and may be attached from another one than it was started on. `queries` asks that one.
    """
    if multiplexer:
        return Notifications.NONE
    names = [environ.get(name, "") for name in ("TERM", "TERM_PROGRAM", "LC_TERMINAL")]
    return notifications(" ".join([*names, "vte" if environ.get("VTE_VERSION") else ""]))


def escape_delay(environ: Mapping[str, str]) -> float:
    """Returns the seconds to wait after ESC for the rest of a sequence. ESCDELAY (milliseconds) overrides it, as for curses."""
    chosen = environ.get("ESCDELAY", "")
    if chosen.isdecimal() and len(chosen) < 6:
        return max(1, int(chosen)) / 1000
    remote = any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))
    return REMOTE_ESCAPE_DELAY if remote else LOCAL_ESCAPE_DELAY


def _multiplexer(environ: Mapping[str, str], term: str) -> str:
    if environ.get("TMUX") or term.startswith("tmux"):
        return "tmux"
    return "screen" if environ.get("STY") or term.startswith("screen") else ""


def _is_unicode(environ: Mapping[str, str]) -> bool:
    """Whether the locale is UTF-8. The C locale counts as UTF-8: it says nothing about the terminal."""
    locale = next((value for name in ("LC_ALL", "LC_CTYPE", "LANG") if (value := environ.get(name))), "C")
    return locale.split(".")[0] in ("C", "POSIX") or "utf" in locale.lower()


def _colors(environ: Mapping[str, str], term: str, multiplexer: str) -> Colors:
    if environ.get("NO_COLOR") or term.endswith("-m") or any(term.startswith(name) for name in _MONOCHROME_TERMS):
        return Colors.NONE
    true_color = (
        environ.get("COLORTERM", "").lower() in ("truecolor", "24bit")
        or any(name in term for name in _TRUE_COLOR_TERMS)
        or (
            not multiplexer
            and (environ.get("TERM_PROGRAM") in _MODERN_PROGRAMS or bool(environ.get("WT_SESSION")) or _is_new_vte(environ))
        )
    )
    if true_color:
        return Colors.ANSI256 if multiplexer == "screen" else Colors.TRUE  # screen garbles true colour
    if term.endswith("-16color"):
        return Colors.ANSI16
    if "256" in term or multiplexer or "XTERM_VERSION" in environ or environ.get("TERM_PROGRAM") == "Apple_Terminal":
        return Colors.ANSI256
    return Colors.ANSI16


def _has_cursor_shapes(environ: Mapping[str, str], term: str) -> bool:
    """Returns whether the environment tells that the cursor has shapes. GNU screen, within another terminal, does not."""
    if term in ("linux", "dumb", "") or term.startswith("screen") or environ.get("STY"):
        return bool(environ.get("TMUX")) and not environ.get("STY")
    return (
        any(name in term for name in _SHAPING_TERMS)
        or environ.get("TERM_PROGRAM") in _SHAPING_PROGRAMS
        or any(environ.get(name) for name in _SHAPING_VARIABLES)
    )


def _is_new_vte(environ: Mapping[str, str]) -> bool:
    version = environ.get("VTE_VERSION", "")
    return version.isdecimal() and int(version[:9]) >= 3600


def _graphics(environ: Mapping[str, str], term: str, multiplexer: str) -> Graphics:
    if multiplexer:
        return Graphics.BLOCKS
    if "ghostty" in term:
        return Graphics.KITTY
    if "kitty" in term:
        return Graphics.BLOCKS  # its version, asked later, tells whether it knows placeholders
    if environ.get("TERM_PROGRAM") in ("iTerm.app", "WezTerm"):
        return Graphics.ITERM
    return Graphics.SIXEL if any(name in term for name in _SIXEL_TERMS) else Graphics.BLOCKS


def _cell_pixels(window: tuple[int, int, int, int] | None) -> tuple[int, int] | None:
    if window is None or not all(window):
        return None
    rows, columns, width, height = window
    return width // columns, height // rows
