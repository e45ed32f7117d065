"""What the terminal is asked, and what its answers change."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinb.capabilities import Capabilities, Colors, Graphics, Notifications
from tuinb.terminal.queries import Answers, kitty_error, passthrough, questions, settled

OK = "\x1b_Gi=31;OK"
SIXEL = "\x1b[?64;1;4;22c"
NO_SIXEL = "\x1b[?64;1;22c"
SIZE = (80, 24)


def after(*replies: str, known: Capabilities | None = None, chosen: bool = False) -> Capabilities:
    """What is known after these replies."""
    answers = Answers()
    for reply in replies:
        answers.take(reply)
    return settled(known or Capabilities(), answers, SIZE, chosen=chosen)


def version(name: str) -> str:
    return f"\x1bP>|{name}"


@pytest.mark.parametrize(
    ("replies", "graphics"),
    [
        ((version("kitty(0.35.2)"), OK, NO_SIXEL), Graphics.KITTY),
        ((OK, NO_SIXEL, version("kitty(0.28.0)")), Graphics.KITTY),
        ((version("kitty(1.0)"), OK), Graphics.KITTY),
        ((version("kitty(0.26.5)"), OK, NO_SIXEL), Graphics.BLOCKS),
        ((version("kitty(0.35.2)"), "\x1b_Gi=31;ENOTSUPPORTED"), Graphics.BLOCKS),
        ((version("kitty"), OK), Graphics.BLOCKS),
        ((version("ghostty 1.1.0"), OK), Graphics.KITTY),
        ((version("Konsole 24.08"), OK, SIXEL), Graphics.SIXEL),
        ((version("WezTerm 20240203"), OK, SIXEL), Graphics.ITERM),
        ((version("iTerm2 3.5.0"), SIXEL), Graphics.ITERM),
        ((version("XTerm(379)"), SIXEL), Graphics.SIXEL),
        ((version("XTerm(379)"), NO_SIXEL), Graphics.BLOCKS),
        ((NO_SIXEL,), Graphics.BLOCKS),
        ((), Graphics.BLOCKS),
    ],
)
def test_how_images_are_shown(replies: tuple[str, ...], graphics: Graphics) -> None:
    assert after(*replies).graphics is graphics


@pytest.mark.parametrize(
    ("name", "sequence"),
    [
        ("kitty(0.35.2)", Notifications.OSC9),
        ("ghostty 1.1.0", Notifications.OSC9),
        ("WezTerm 20240203", Notifications.OSC9),
        ("iTerm2 3.5.0", Notifications.OSC9),
        ("foot(1.16.2)", Notifications.OSC777),
        ("VTE(7600)", Notifications.OSC777),
        ("XTerm(379)", Notifications.NONE),
        ("tmux 3.4", Notifications.NONE),
    ],
)
def test_how_notifications_are_shown(name: str, sequence: Notifications) -> None:
    assert after(version(name)).notifications is sequence
    assert after(version(name), known=Capabilities(notifications=Notifications.OSC9)).notifications is sequence
    assert after(SIXEL, known=Capabilities(notifications=Notifications.OSC777)).notifications is Notifications.OSC777


def test_what_the_environment_said_gives_way_to_the_terminal() -> None:
    iterm = Capabilities(graphics=Graphics.ITERM)
    assert after(SIXEL, known=iterm).graphics is Graphics.ITERM
    assert after(SIXEL, version("XTerm(379)"), known=iterm).graphics is Graphics.SIXEL
    assert after(version("Alacritty 0.13"), known=iterm).graphics is Graphics.BLOCKS
    foot = Capabilities(graphics=Graphics.SIXEL)
    assert after(version("foot(1.16)"), known=foot).graphics is Graphics.SIXEL


def test_xterm_drops_pictures_that_are_too_large() -> None:
    assert after(version("XTerm(379)"), SIXEL).largest_picture == (1000, 1000)
    assert after(version("foot(1.16)"), SIXEL).largest_picture is None


def test_what_a_person_chose_stands() -> None:
    chosen = Capabilities(graphics=Graphics.BLOCKS)
    assert after(version("kitty(0.35.2)"), OK, known=chosen, chosen=True).graphics is Graphics.BLOCKS
    ascii_only = Capabilities(graphics=Graphics.NONE)
    assert after(version("kitty(0.35.2)"), OK, known=ascii_only).graphics is Graphics.NONE


def test_inside_tmux_only_what_the_terminal_around_it_said_through_it_counts() -> None:
    tmux = Capabilities(multiplexer="tmux")
    assert after(version("kitty(0.35.2)"), known=tmux).graphics is Graphics.KITTY
    assert after(version("kitty(0.26.5)"), known=tmux).graphics is Graphics.BLOCKS
    assert after(SIXEL, known=tmux).graphics is Graphics.BLOCKS
    assert after(version("kitty(0.35.2)"), known=replace(tmux, colors=Colors.ANSI256)).graphics is Graphics.BLOCKS


def test_a_cell_in_pixels() -> None:
    assert after("\x1b[6;20;10t").cell_pixels == (10, 20)
    assert after("\x1b[4;480;800t").cell_pixels == (10, 20)
    assert after("\x1b[4;480;800t", "\x1b[6;18;9t").cell_pixels == (9, 18)
    assert after("\x1b[4;480;800t", known=Capabilities(cell_pixels=(9, 18))).cell_pixels == (9, 18)
    assert after("\x1b[6;0;0t").cell_pixels is None
    assert after("\x1b[6;9999;9999t", "\x1b[4;1;1t").cell_pixels is None


@pytest.mark.parametrize(
    ("reply", "light"),
    [
        ("\x1b]11;rgb:ffff/ffff/ffff", True),
        ("\x1b]11;rgb:1e1e/1e1e/1e1e", False),
        ("\x1b]11;rgba:fa/fa/fa/ff", True),
        ("\x1b]11;#fdf6e3", True),
        ("\x1b]11;rgb:0/0/8", False),
        ("\x1b]11;purple", None),
        ("\x1b]10;rgb:ffff/ffff/ffff", None),
    ],
)
def test_the_background(reply: str, light: bool | None) -> None:
    assert after(reply).light_background is light


def test_what_would_be_shown_instead_of_answered_is_not_asked() -> None:
    plain = Capabilities()
    assert questions({"TERM": "linux"}, plain) == ""
    assert questions({"TERM": "screen"}, Capabilities(multiplexer="screen")) == ""
    assert questions({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, plain) == "\x1b]11;?\x1b\\"
    inside = questions({"TERM": "tmux-256color"}, Capabilities(multiplexer="tmux"))
    assert passthrough("\x1b[>q") in inside
    assert "_G" not in inside
    assert "a=q" in questions({"TERM": "xterm-256color"}, plain)


def test_an_image_that_was_refused() -> None:
    assert kitty_error("\x1b_Gi=1234567;ENOSPC:no room") == 1234567
    assert kitty_error("\x1b_Gi=1234567;OK") is None
    assert kitty_error("\x1b_Gi=31;ENOENT") is None
    assert kitty_error("\x1b[?62c") is None
    assert not Answers().take("\x1b_Gi=1234567;OK")


@given(st.lists(st.one_of(st.text(max_size=30), st.sampled_from([OK, SIXEL, version("kitty("), "\x1b[6;99999;1t"]))))
def test_no_reply_breaks_anything(replies: list[str]) -> None:
    found = after(*replies)
    assert found.cell_pixels is None or min(found.cell_pixels) > 1
