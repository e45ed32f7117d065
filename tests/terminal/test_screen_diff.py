"""The screen diff, with pyte as the referee: a terminal that was fed every frame shows what is wanted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style

from tuinb.capabilities import Capabilities
from tuinb.terminal.screen_diff import ScreenDiff

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT = 24, 9
LINKS = re.compile(r"\x1b\]8;[^\x1b]*\x1b\\")
STYLES = [
    Style(),
    Style(color="red"),
    Style(color="bright_blue", bold=True),
    Style(color="#123456", bgcolor="#fedcba"),
    Style(bgcolor="#5f87af"),
    Style(bgcolor="blue", underline=True),
    Style(reverse=True),
    Style(color="#ffffff", italic=True, strike=True, link="https://example.org/a"),
    Style(bold=True, dim=True),
]
Row = list[tuple[str, int]]
"""Runs of text, each with the number of its style."""


class Terminal:
    """A diff and the terminal that it feeds."""

    def __init__(self, width: int = WIDTH, height: int = HEIGHT, capabilities: Capabilities | None = None) -> None:
        self.diff = ScreenDiff(width, height, capabilities or Capabilities())
        self.screen = pyte.Screen(width, height)
        self.stream = pyte.Stream(self.screen)
        self.stream.feed("\x1b[?7l")

    def show(self, rows: Sequence[Row]) -> str:
        for y, row in enumerate(rows):
            self.diff.put(y, 0, [*(Segment(text, STYLES[style]) for text, style in row), Segment(" " * self.diff.size[0])])
        return self.feed()

    def feed(self) -> str:
        frame = self.diff.render()
        self.stream.feed(LINKS.sub("", frame))
        return frame

    def cells(self) -> list[list[tuple[object, ...]]]:
        """What can be seen of each cell."""
        return [[_seen(self.screen.buffer[y][x]) for x in range(self.screen.columns)] for y in range(self.screen.lines)]


def _seen(char: pyte.screens.Char) -> tuple[object, ...]:
    decoration = (char.underscore, char.reverse, char.strikethrough)
    if char.data == " " and not any(decoration):
        return (" ", char.bg)
    return (char.data, char.fg, char.bg, char.bold, char.italics, *decoration)


def _painted_afresh(rows: Sequence[Row], width: int = WIDTH, height: int = HEIGHT) -> list[list[tuple[object, ...]]]:
    """The same screen on a new terminal, painted the plain way: every row whole, with every attribute."""
    screen = pyte.Screen(width, height)
    stream = pyte.Stream(screen)
    stream.feed("\x1b[?7l")
    for y, row in enumerate(rows):
        stream.feed(f"\x1b[{y + 1};1H")
        for text, style in row:
            stream.feed(LINKS.sub("", STYLES[style].render(text)))
    return [[_seen(screen.buffer[y][x]) for x in range(width)] for y in range(height)]


TEXTS = st.one_of(
    st.text("ab .=", max_size=6),
    st.text("xé語─👍", max_size=4),
    st.sampled_from(["e\u0301", "語語語", " " * 10, "=" * 9, "def f(x):", "return 0", "u\u0308\u0323"]),
)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """A row that fills the width at most."""
    row: Row = []
    room = WIDTH
    for _ in range(draw(st.integers(0, 5))):
        text = draw(TEXTS)
        width = sum(2 if char in "語👍" else 0 if char in "\u0301\u0308\u0323" else 1 for char in text)
        if width > room or not width:
            continue
        row.append((text, draw(st.integers(0, len(STYLES) - 1))))
        room -= width
    return row


@st.composite
def screens(draw: st.DrawFn) -> list[list[Row]]:
    """Screens one after the other, each made from the one before by moving blocks and changing rows."""
    screen = draw(st.lists(rows(), min_size=HEIGHT, max_size=HEIGHT))
    sequence = [screen]
    for _ in range(draw(st.integers(1, 3))):
        screen = list(screen)
        for _ in range(draw(st.integers(0, 2))):
            start, stop = sorted((draw(st.integers(0, HEIGHT)), draw(st.integers(0, HEIGHT))))
            by = draw(st.integers(-3, 3))
            block = screen[start:stop]
            new = block[:by] if draw(st.booleans()) else draw(st.lists(rows(), min_size=abs(by), max_size=abs(by)))
            screen[start:stop] = (block[by:] + new)[: stop - start]
            screen = (screen + [[] for _ in range(HEIGHT)])[:HEIGHT]
        for _ in range(draw(st.integers(0, 3))):
            screen[draw(st.integers(0, HEIGHT - 1))] = draw(rows())
        sequence.append(screen)
    return sequence


@settings(max_examples=50, deadline=None)
@given(screens())
def test_the_terminal_shows_what_is_wanted(sequence: list[list[Row]]) -> None:
    terminal = Terminal()
    for screen in sequence:
        terminal.show(screen)
        assert terminal.cells() == _painted_afresh(screen)
        assert terminal.diff.render() == ""
