"""The screen diff, with pyte as the referee: a terminal that was fed every frame shows what is wanted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from tuinb.capabilities import Capabilities, Colors, nearest_256
from tuinb.terminal.ansi_writer import shortest_move
from tuinb.terminal.pens import MOST_PENS
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


@settings(max_examples=25, deadline=None)
@given(screens())
def test_the_terminal_shows_what_is_wanted(sequence: list[list[Row]]) -> None:
    terminal = Terminal()
    for screen in sequence:
        terminal.show(screen)
        assert terminal.cells() == _painted_afresh(screen)
        assert terminal.diff.render() == ""


PLACED = st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, WIDTH - 1), TEXTS, st.integers(0, len(STYLES) - 1))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(PLACED, max_size=6), max_size=4))
def test_pieces_that_cut_wide_characters_give_the_same_screen_at_once_or_bit_by_bit(
    frames: list[list[tuple[int, int, str, int]]],
) -> None:
    slowly, at_once = Terminal(), Terminal()
    for frame in frames:
        for y, x, text, style in frame:
            slowly.diff.put(y, x, [Segment(text, STYLES[style])])
            at_once.diff.put(y, x, [Segment(text, STYLES[style])])
        slowly.feed()
    slowly.feed()
    at_once.feed()
    assert slowly.cells() == at_once.cells()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["a", "_", "", "", "語"])), max_size=12), st.booleans())
def test_typing_in_the_middle_of_a_line(keys: list[tuple[int, str]], framed: bool) -> None:
    terminal = Terminal(60, 3)
    text = "def function(argument, another=None): return argument + 1"
    for position, key in keys:
        # An empty key deletes; words differ in colour, so that painting the rest of a line is dear.
        text = text[:position] + key + text[position + (not key) :]
        words: Row = [(word, index % 4) for index, word in enumerate(re.split(r"\b", text))]
        width = len(text) + text.count("語")
        row = [*words, (" " * (58 - width), 0), ("|" if framed else " ", 4)] if width <= 58 else [("too long", 1)]
        terminal.show([row])
        assert terminal.cells() == _painted_afresh([row], 60, 3)


def test_a_character_typed_in_the_middle_moves_the_rest_of_the_line() -> None:
    terminal = Terminal(120, 3)
    for text in ("print(x + yyy * zzz) # remark", "print(xq + yyy * zzz) # remark"):
        row: Row = [(word, index % 4) for index, word in enumerate(re.split(r"\b", text))]
        frame = terminal.show([[*row, (" " * (119 - len(text)), 0), ("|", 4)]])
    assert "\x1b[@" in frame
    assert len(frame) < 60


def plain(text: str, style: Style | None = None) -> list[Segment]:
    return [Segment(text, style)]


def shown(diff: ScreenDiff) -> ScreenDiff:
    diff.render()
    return diff


def test_nothing_is_sent_for_an_unchanged_frame() -> None:
    diff = shown(ScreenDiff(80, 24, Capabilities()))
    diff.put(3, 0, plain("hello"))
    assert diff.render()
    diff.put(3, 0, plain("hello"))
    assert diff.render(synchronised=True) == ""


def test_a_typed_character_costs_a_few_bytes() -> None:
    keyword, cursor = Style(color="#5f87ff", bgcolor="#1e1e1e"), Style(reverse=True)
    base = Style(bgcolor="#1e1e1e")
    diff = shown(ScreenDiff(120, 40, Capabilities()))
    for text in ("import o", "import os"):
        row = [Segment(text, keyword), Segment(" ", base + cursor), Segment(" " * 50, base)]
        diff.put(5, 4, row)
        diff.cursor = (5, 4 + len(text))
        frame = diff.render(synchronised=True)
    assert len(frame) <= 40
    assert "2026" not in frame


def test_a_letter_and_the_cursor_behind_it_begin_with_the_pen_in_force() -> None:
    code, cursor = Style(color="#d0d0d0", bgcolor="#262626"), Style(bgcolor="#ffffff")
    diff = shown(ScreenDiff(120, 40, Capabilities()))
    sizes = []
    for length in range(6):
        diff.put(5, 4, [Segment("x" * length, code), Segment(" ", cursor), Segment(" " * (50 - length), code)])
        diff.cursor = (5, 4 + length)
        sizes.append(len(diff.render()))
    letter, movement, colour = 1, 5, len("\x1b[48;5;231m")
    assert max(sizes[2:]) <= 2 * letter + movement + colour
    status = Style(color="#ff0000", bgcolor="#005f87")
    diff.put(39, 0, [Segment("status", status)])
    diff.render()
    diff.put(5, 4, [Segment("x" * 6, code), Segment(" ", cursor), Segment(" " * 44, code)])
    diff.cursor = (5, 10)
    assert diff.render() == "\x1b[38;5;252;48;5;235mx\x1b[48;5;231m \b"


def test_what_is_erased_in_two_rows_and_written_in_a_third_changes_each_colour_once() -> None:
    styles = [Style(color="#d0d0d0", bgcolor=background) for background in ("#262626", "#303030")]
    terminal = Terminal(60, 4)
    for current in (0, 1, 0):
        for y in (0, 1):
            terminal.diff.put(y, 0, [Segment("code", styles[0]), Segment(" " * 56, styles[y == current])])
        terminal.diff.put(3, 0, [Segment(f"line {current}".ljust(60), styles[1])])
        frame = terminal.feed()
    assert [frame.count(f"48;5;{background}m") for background in (235, 236)] == [1, 0]  # the other one was in force
    ends = [row[-1] for row in terminal.cells()]
    assert ends[0] == ends[3] != ends[1]


def test_code_that_scrolls_by_a_line_costs_that_line() -> None:
    diff = ScreenDiff(120, 40, Capabilities())
    lines = [f"def function_{n}(argument): return {n * 7919}" for n in range(60)]
    for top in (0, 1, 2):
        for y in range(38):
            diff.put(y, 0, plain(lines[top + y].ljust(118)))
            diff.put(y, 118, plain("▌" if y == top else " "))
        diff.put(38, 0, plain("-" * 120))
        frame = diff.render()
    assert len(frame) <= 150
    assert "\x1b[1;38r" in frame


def test_a_line_that_gives_those_below_it_other_numbers_scrolls_them() -> None:
    terminal = Terminal(60, 30)
    lines = [f"def function_{n}(argument): return {n * 7919}" for n in range(40)]
    terminal.show([[(f"{n + 1:>10}  {line}", 0)] for n, line in enumerate(lines[:30])])
    lines.insert(3, "")
    frame = terminal.show([[(f"{n + 1:>10}  {line}", 0)] for n, line in enumerate(lines[:30])])
    assert "\x1bM" in frame
    # A number whose last digit changes costs it and five bytes to the next one.
    assert len(frame) <= 200
    assert "".join(str(cell[0]) for cell in terminal.cells()[4]).rstrip() == f"         5  {lines[4]}"


def test_blanks_after_new_text_are_erased_where_it_ends() -> None:
    terminal = Terminal(60, 3)
    terminal.show([[("old text of a row, " * 3 + "end", 1)]])
    assert terminal.show([[("new words", 1)]]) == "\rnew words\x1b[K"


def test_blanks_after_a_character_of_doubtful_width_are_erased() -> None:
    terminal = Terminal(60, 3)
    terminal.show([[("old text of a row, " * 3 + "end", 1)]])
    frame = terminal.show([[("new \u0915\u093e", 1)]])
    assert frame.endswith("\x1b[K")
    assert " " * 12 not in frame


def test_blanks_between_words_of_two_colours_are_written_not_jumped_over() -> None:
    terminal = Terminal()
    last: Row = [("last", 3)]
    terminal.show([[("aa", 1), (" ", 0), ("bb", 2)], last])
    assert terminal.show([[("cc", 1), (" ", 0), ("dd", 2)], last]).endswith("cc \x1b[1;94mdd")
    # A blank with a background of its own needs its pen, and an underlined one, too.
    terminal.show([[("aa", 1), (" ", 4), ("bb", 2)], [("aa", 5), (" ", 0), ("bb", 5)]])
    assert " " not in terminal.show([[("cc", 1), (" ", 4), ("dd", 2)], [("cc", 5), (" ", 0), ("dd", 5)]])


@pytest.mark.parametrize(
    ("before", "after", "sent"),
    [
        ((3, 8), (4, 7), "\x1b[B\b"),
        ((3, 8), (3, 6), "\b\b"),
        ((3, 8), (4, 8), "\x1b[B"),
        ((5, 8), (4, 9), "\x1b[A\x1b[C"),
        ((3, 8), (4, 0), "\r\n"),
        ((3, 60), (4, 9), "\r\n\x1b[9C"),
        ((3, 8), (30, 70), "\x1b[31;71H"),
        ((None, None), (0, 0), "\x1b[H"),
    ],
)
def test_the_cursor_takes_the_shortest_way(before: tuple[int | None, int | None], after: tuple[int, int], sent: str) -> None:
    assert shortest_move(*before, *after) == sent


def test_a_large_frame_appears_at_once() -> None:
    diff = ScreenDiff(80, 24, Capabilities())
    for y in range(24):
        diff.put(y, 0, plain("x" * 70))
    frame = diff.render(synchronised=True)
    assert frame.startswith("\x1b[?2026h")
    assert frame.endswith("\x1b[?2026l")


def test_an_unknown_screen_is_cleared_and_painted_whole() -> None:
    terminal = Terminal()
    terminal.show([[("hello", 0)]])
    terminal.stream.feed("\x1b[2;5r\x1b[3;3H\x1b[31;4mrubbish\x1b[1;1Hmore")
    terminal.diff.invalidate()
    terminal.feed()
    assert [line.rstrip() for line in terminal.screen.display] == ["hello", *[""] * (HEIGHT - 1)]


def test_another_size_starts_blank() -> None:
    diff = ScreenDiff(10, 3, Capabilities())
    diff.put(2, 0, plain("hello"))
    diff.resize(8, 2)
    assert diff.size == (8, 2)
    assert "hello" not in diff.render()


def test_the_hidden_cursor_follows_when_it_is_wanted() -> None:
    diff = shown(ScreenDiff(80, 24, Capabilities()))
    diff.cursor = (4, 7)
    assert diff.render() == "\x1b[5;8H"
    assert diff.render() == ""
    diff.put(4, 7, plain("x"))
    assert diff.render() == "x\b"
    diff.cursor = (-38, 200)
    assert diff.render() == "\x1b[1;80H", "a widget that was scrolled away is above the first row"
    diff.cursor = (-20, 200)
    assert diff.render() == ""


@pytest.mark.parametrize("bad", ["\x1b", "\x07", "\x00", "\x7f", "\x9b", "\u202e", "\u2066", "\ud800", "\u2028", "\n", "\r"])
def test_what_a_terminal_would_obey_is_replaced(bad: str) -> None:
    diff = shown(ScreenDiff(20, 2, Capabilities()))
    diff.put(0, 0, plain(f"a{bad}[31mb"))
    frame = diff.render()
    assert bad not in frame.replace("\x1b[H", "").replace("\r", "" if bad != "\r" else "\r")
    assert "a\ufffd[31mb" in frame


@pytest.mark.parametrize(
    ("link", "sent"),
    [
        ("https://example.org/a?b=c", True),
        ("file:///tmp/a", True),
        ("javascript:alert(1)", False),
        ("https://example.org/\x1b\\evil", False),
        ("https://example.org/" + "a" * 3000, False),
        ("https://example.org/ä", False),
    ],
)
def test_only_safe_links_are_sent_and_none_stays_open(link: str, sent: bool) -> None:
    diff = shown(ScreenDiff(20, 2, Capabilities()))
    diff.put(0, 0, plain("here", Style(link=link)))
    frame = diff.render()
    assert (f"\x1b]8;;{link}\x1b\\here\x1b]8;;\x1b\\" in frame) is sent
    assert "here" in frame
    assert ("]8;" in frame) is sent


def test_gnu_screen_gets_no_coloured_erasing() -> None:
    background = Style(bgcolor="#5f87af")
    for multiplexer, erases in (("", True), ("tmux", True), ("screen", False)):
        diff = shown(ScreenDiff(40, 2, Capabilities(multiplexer=multiplexer)))
        diff.put(0, 0, plain(" " * 40, background))
        assert ("\x1b[K" in diff.render()) is erases


def test_blanks_behind_code_are_erased_where_a_bar_follows() -> None:
    background, bar = Style(bgcolor="#5f87af"), Style(bgcolor="#303030")
    for multiplexer, erases in (("", True), ("tmux", True), ("screen", False)):
        diff = shown(ScreenDiff(80, 2, Capabilities(multiplexer=multiplexer)))
        for y, text in enumerate(("code", "")):
            diff.put(y, 0, [Segment(f"  {text}".ljust(78), background), Segment("  ", bar)])
        frame = diff.render()
        assert ("X" in frame, len(frame) < 100) == (erases, erases)


def test_underlined_blanks_behind_text_are_written() -> None:
    terminal = Terminal(40, 1)
    row: Row = [("link" + " " * 20, 5), ("|", 0)]
    assert "X" not in terminal.show([row])
    assert terminal.cells() == _painted_afresh([row], 40, 1)


def test_a_terminal_without_utf8_gets_ascii() -> None:
    diff = shown(ScreenDiff(40, 2, Capabilities(unicode=False)))
    diff.put(0, 0, plain("│─╭ … 語é"))
    frame = diff.render()
    assert frame.isascii()
    assert "|-+ . ? ?" in frame


def test_sequences_are_those_that_every_terminal_knows() -> None:
    """No REP, SU, SD, and no colons in SGR: pyte, by which sizes are measured, takes them for text or passes over them."""
    diff = ScreenDiff(40, 10, Capabilities())
    frames = []
    for shift in range(4):
        for y in range(10):
            diff.put(y, 0, plain(f"row {y + shift * 3} " + "=" * 30, Style(color="#102030")))
        frames.append(diff.render())
    assert not re.search(r"\x1b\[[0-9;:]*[bST]|\x1b\[[0-9;]*:[0-9:;]*m", "".join(frames))


def test_colours_come_down_to_what_the_terminal_has() -> None:
    style = Style(color="#fe0000", bgcolor="#005fd7", bold=True, reverse=True)
    wanted = {
        Colors.TRUE: "\x1b[1;7;38;2;254;0;0;48;5;26m",
        Colors.ANSI256: "\x1b[1;7;38;5;196;48;5;26m",
        Colors.ANSI16: "\x1b[1;7;31;104m",
        Colors.NONE: "\x1b[1;7m",
    }
    for colors, sgr in wanted.items():
        diff = shown(ScreenDiff(40, 2, Capabilities(colors=colors)))
        diff.put(0, 0, plain("x", style))
        assert sgr in diff.render().replace("\x1b[;", "\x1b[")


def test_text_stays_readable_where_its_colour_comes_down_to_its_background() -> None:
    diff = shown(ScreenDiff(40, 2, Capabilities(colors=Colors.ANSI16)))
    diff.put(0, 0, plain("x", Style(color=Color.from_rgb(10, 10, 10), bgcolor=Color.from_rgb(0, 0, 0))))
    assert "30;40" not in diff.render()


def test_ever_new_colours_take_bounded_room() -> None:
    diff = ScreenDiff(60, 30, Capabilities())
    for frame in range(12):
        for y in range(30):
            diff.put(y, 0, [Segment("x", Style(color=Color.from_rgb(frame * 20, y * 8, x * 4))) for x in range(60)])
        diff.render()
    assert len(diff._pens.pens) <= MOST_PENS
    diff.put(0, 0, plain("y", Style(color="#010203")))
    assert diff.render() == "\x1b[H\x1b[38;2;1;2;3my"
    for y in range(30):
        diff.put(y, 0, [Segment("x", Style(color=Color.from_rgb(220, y * 8, x * 4))) for x in range(60)])
    assert diff.render().endswith("\x1b[38;2;220;0;0mx")


@pytest.mark.parametrize(
    ("color", "number"),
    [
        ((0, 43, 54), 234),
        ((7, 54, 66), 235),
        ((255, 0, 0), 196),
        ((95, 135, 175), 67),
        ((0, 0, 0), 16),
        ((0, 0, 90), 17),
        ((253, 246, 227), 230),
    ],
)
def test_a_colour_comes_down_to_the_nearest_of_256(color: tuple[int, int, int], number: int) -> None:
    assert nearest_256(*color) == number
