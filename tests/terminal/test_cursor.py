"""Shapes of the terminal's cursor: which terminals have them, what is sent when, and how the cursor is given back."""

from __future__ import annotations

import pytest
from rich.segment import Segment

from tuinb.capabilities import Capabilities
from tuinb.terminal import cursor, probe
from tuinb.terminal.cursor import CursorShape
from tuinb.terminal.input_parser import InputParser, Reply
from tuinb.terminal.queries import Answers, questions, settled
from tuinb.terminal.screen_diff import ScreenDiff


@pytest.mark.parametrize(
    ("environ", "known"),
    [
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm-256color", "XTERM_VERSION": "XTerm(379)"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7006"}, True),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "alacritty"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, True),
        ({"TERM": "linux"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": "screen-256color", "TMUX": "/tmp/tmux"}, True),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/tmux"}, True),
        ({"TERM": "screen.xterm-256color", "STY": "1.pts"}, False),
        ({"TERM": "screen", "STY": "1.pts", "TMUX": "/tmp/tmux"}, False),
        ({}, False),
    ],
)
def test_terminals_that_are_known_to_have_shapes(environ: dict[str, str], known: bool) -> None:
    assert probe.capabilities(environ).cursor_shapes is known


def test_others_are_asked() -> None:
    environ = {"TERM": "xterm-256color"}
    before = probe.capabilities(environ)
    assert cursor.QUESTION in questions(environ, before)
    parser = InputParser(0.05)
    [reply] = parser.feed("\x1bP1$r6 q\x1b\\")
    assert isinstance(reply, Reply)
    answers = Answers()
    assert answers.take(reply.sequence)
    after = settled(before, answers, (80, 24), chosen=False)
    assert (after.cursor_shapes, after.cursor_found) == (True, 6)
    assert not answers.take("\x1bP0$r")
    unanswered = settled(before, Answers(), (80, 24), chosen=False)
    assert (unanswered.cursor_shapes, unanswered.cursor_found) == (False, 0)


class Screen:
    def __init__(self) -> None:
        self.diff = ScreenDiff(40, 5, Capabilities())
        self.diff.render()

    def frame(self, shape: CursorShape | None, text: str = "", x: int = 0, *, synchronised: bool = False) -> str:
        if text:
            self.diff.put(0, 0, [Segment(text)])
        self.diff.cursor, self.diff.cursor_shape = (0, x), shape
        return self.diff.render(synchronised=synchronised)


def test_a_shape_costs_bytes_when_it_changes() -> None:
    screen = Screen()
    assert screen.frame(None, "abc").count("\x1b[?25") == 0
    assert screen.frame(CursorShape.BLOCK).endswith("\x1b[2 q\x1b[?25h")
    moved = screen.frame(CursorShape.BLOCK, x=1)
    assert "q" not in moved
    assert "?25" not in moved
    assert 0 < len(moved) <= 4
    assert screen.frame(CursorShape.BLOCK, x=1) == ""
    assert screen.frame(CursorShape.BAR, x=1) == "\x1b[6 q"
    assert screen.frame(CursorShape.UNDERLINE, x=1) == "\x1b[4 q"
    assert screen.frame(None, x=1) == "\x1b[?25l"
    assert screen.frame(CursorShape.UNDERLINE, x=1) == "\x1b[4 q\x1b[?25h"


def test_a_long_frame_does_not_show_how_the_cursor_jumps() -> None:
    screen = Screen()
    screen.frame(CursorShape.BAR)
    for y in range(5):
        screen.diff.put(y, 0, [Segment("".join(chr(97 + (x * x + y) % 25) for x in range(40)))])
    frame = screen.frame(CursorShape.BAR, x=3)
    assert frame.startswith("\x1b[?25l")
    assert frame.endswith("\x1b[?25h")
    for y in range(5):
        screen.diff.put(y, 0, [Segment(f"{y}" * 40)])
    together = screen.frame(CursorShape.BAR, "x", synchronised=True)
    assert "?25" not in together
    assert together.startswith("\x1b[?2026h")


def test_the_cursor_is_given_back_as_it_was_found() -> None:
    screen = Screen()
    assert screen.diff.give_cursor_back(5) == ""
    screen.frame(CursorShape.BAR)
    assert screen.diff.give_cursor_back(5) == "\x1b[?25l\x1b[5 q"
    assert screen.diff.give_cursor_back(5) == ""
    assert screen.frame(CursorShape.BAR) == "\x1b[6 q\x1b[?25h"  # the terminal came back
    screen.frame(None)
    assert screen.diff.give_cursor_back(0) == "\x1b[0 q"
