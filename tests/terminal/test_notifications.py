"""What calls a user who looks elsewhere."""

from __future__ import annotations

from tuinb.capabilities import Capabilities, Notifications
from tuinb.terminal.notifications import BELL, calling


def test_a_terminal_that_is_not_known_only_rings() -> None:
    assert calling("x.ipynb: 3 cells ended", Capabilities()) == BELL
    assert calling("x", Capabilities(multiplexer="tmux")) == BELL


def test_the_sequence_that_the_terminal_knows() -> None:
    text = "x; y.ipynb: 3 cells ended"
    assert calling(text, Capabilities(notifications=Notifications.OSC9)) == f"{BELL}\x1b]9;tuinb: {text}{BELL}"
    by_777 = calling(text, Capabilities(notifications=Notifications.OSC777))
    assert by_777 == f"{BELL}\x1b]777;notify;tuinb;x, y.ipynb: 3 cells ended{BELL}"


def test_tmux_passes_it_on() -> None:
    sent = calling("x", Capabilities(notifications=Notifications.OSC9, multiplexer="tmux"))
    assert sent == f"{BELL}\x1bPtmux;\x1b\x1b]9;tuinb: x{BELL}\x1b\\"


def test_a_text_is_short_and_without_control_characters() -> None:
    sent = calling("a\x1b]0;b\x07\x9c\ud800c" + "x" * 500, Capabilities(notifications=Notifications.OSC9))
    text = sent.removeprefix(f"{BELL}\x1b]9;tuinb: ").removesuffix(BELL)
    assert text.startswith("a ]0;b ?cxxx")
    assert text.endswith("x…")
    assert len(text) == 120
