"""What the environment tells."""

from __future__ import annotations

import pytest

from tuinb.capabilities import Colors, Graphics, Notifications
from tuinb.terminal.probe import (
    LOCAL_ESCAPE_DELAY,
    REMOTE_ESCAPE_DELAY,
    capabilities,
    escape_delay,
)


@pytest.mark.parametrize(
    ("environ", "colors"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, Colors.TRUE),
        ({"TERM": "xterm-256color"}, Colors.ANSI256),
        ({"TERM": "xterm", "XTERM_VERSION": "XTerm(379)"}, Colors.ANSI256),
        ({"TERM": "xterm-16color", "XTERM_VERSION": "XTerm(379)"}, Colors.ANSI16),
        ({"TERM": "xterm-kitty"}, Colors.TRUE),
        ({"TERM": "xterm"}, Colors.ANSI16),
        ({"TERM": "linux"}, Colors.ANSI16),
        ({"TERM": "vt220"}, Colors.NONE),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, Colors.NONE),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": ""}, Colors.TRUE),
        ({"TERM": "xterm-256color", "VTE_VERSION": "6800"}, Colors.TRUE),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, Colors.ANSI256),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/x", "VTE_VERSION": "6800"}, Colors.ANSI256),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/x", "COLORTERM": "truecolor"}, Colors.TRUE),
        ({"TERM": "screen-256color", "STY": "1.x", "COLORTERM": "truecolor"}, Colors.ANSI256),
    ],
)
def test_colours(environ: dict[str, str], colors: Colors) -> None:
    assert capabilities(environ).colors is colors


@pytest.mark.parametrize(
    ("environ", "sequence"),
    [
        ({"TERM": "xterm-kitty"}, Notifications.OSC9),
        ({"TERM": "xterm-ghostty"}, Notifications.OSC9),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, Notifications.OSC9),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, Notifications.OSC9),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, Notifications.OSC9),
        ({"TERM": "foot"}, Notifications.OSC777),
        ({"TERM": "rxvt-unicode-256color"}, Notifications.OSC777),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, Notifications.OSC777),
        ({"TERM": "xterm-256color", "VTE_VERSION": ""}, Notifications.NONE),
        ({"TERM": "xterm-256color"}, Notifications.NONE),
        ({"TERM": "linux"}, Notifications.NONE),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, Notifications.NONE),
        ({"TERM": "tmux-256color", "TMUX": "x", "LC_TERMINAL": "iTerm2", "VTE_VERSION": "7600"}, Notifications.NONE),
    ],
)
def test_notifications(environ: dict[str, str], sequence: Notifications) -> None:
    assert capabilities(environ).notifications is sequence


@pytest.mark.parametrize(
    ("environ", "multiplexer"),
    [
        ({"TERM": "screen-256color", "TMUX": "/tmp/x"}, "tmux"),
        ({"TERM": "tmux-256color"}, "tmux"),
        ({"TERM": "screen"}, "screen"),
        ({"TERM": "xterm-256color"}, ""),
    ],
)
def test_multiplexers(environ: dict[str, str], multiplexer: str) -> None:
    assert capabilities(environ).multiplexer == multiplexer


@pytest.mark.parametrize(
    ("environ", "unicode"),
    [
        ({"LANG": "de_DE.UTF-8"}, True),
        ({"LANG": "C.utf8"}, True),
        ({}, True),
        ({"LANG": "C"}, True),
        ({"LANG": "en_US.ISO-8859-1"}, False),
        ({"LC_ALL": "en_US.ISO-8859-1", "LANG": "de_DE.UTF-8"}, False),
    ],
)
def test_unicode(environ: dict[str, str], unicode: bool) -> None:
    assert capabilities(environ | {"TERM": "xterm"}).unicode is unicode


@pytest.mark.parametrize(
    ("environ", "graphics"),
    [
        ({"TERM": "xterm-kitty"}, Graphics.BLOCKS),
        ({"TERM": "xterm-ghostty"}, Graphics.KITTY),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, Graphics.ITERM),
        ({"TERM": "foot"}, Graphics.SIXEL),
        ({"TERM": "xterm-256color"}, Graphics.BLOCKS),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/x"}, Graphics.BLOCKS),
        ({"TERM": "xterm-256color", "LANG": "en_US.ISO-8859-1"}, Graphics.NONE),
    ],
)
def test_graphics(environ: dict[str, str], graphics: Graphics) -> None:
    assert capabilities(environ).graphics is graphics


def test_a_cell_in_pixels() -> None:
    assert capabilities({}, (40, 120, 960, 640)).cell_pixels == (8, 16)
    assert capabilities({}, (40, 120, 0, 0)).cell_pixels is None
    assert capabilities({}).cell_pixels is None


def test_escape_is_waited_for_longer_over_a_network() -> None:
    assert escape_delay({}) == LOCAL_ESCAPE_DELAY
    assert escape_delay({"SSH_CONNECTION": "1 2 3 4"}) == REMOTE_ESCAPE_DELAY
    assert escape_delay({"ESCDELAY": "25", "SSH_TTY": "/dev/pts/1"}) == pytest.approx(0.025)
    assert escape_delay({"ESCDELAY": "soon"}) == LOCAL_ESCAPE_DELAY
