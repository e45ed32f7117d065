"""Pictures on the composed screen: placeholders, marks, and what is laid over cells and lifted again.

The referee is a terminal that knows where pixels lie, and that objects to what terminals disagree on: scrolling them, and
moving them in their row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style

from tuinb.capabilities import Capabilities, Colors
from tuinb.render import block
from tuinb.terminal.cells import split_cells
from tuinb.terminal.pens import Pens
from tuinb.terminal.pictures import PLACEHOLDER, Mark, Marks, Picture, Placed, mark_of, marked, placeholder_cells
from tuinb.terminal.screen_diff import ScreenDiff

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

WIDTH, HEIGHT = 30, 12
PICTURE = Picture("d1", 6, 3)
OTHER = Picture("d2", 12, 4)
ID_STYLE = Style(color="#5f87af", bgcolor="#101010")
"""A colour that the palette has, too."""


class Glass(pyte.Screen):
    """A screen with a layer of pixels, which go where something is written or erased."""

    def __init__(self) -> None:
        super().__init__(WIDTH, HEIGHT)
        self.pixels: set[tuple[int, int]] = set()

    def draw(self, data: str) -> None:
        for char in data:
            self.pixels.discard((self.cursor.y, min(self.cursor.x, WIDTH - 1)))
            super().draw(char)

    def erase_characters(self, count: int | None = None) -> None:
        self._erase(self.cursor.x, self.cursor.x + (count or 1))
        super().erase_characters(count)

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        assert how == 0
        self._erase(self.cursor.x, WIDTH)
        super().erase_in_line(how, private)

    def erase_in_display(self, how: int = 0, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        assert how == 2
        self.pixels.clear()
        super().erase_in_display(how, *arguments, **options)

    def _erase(self, start: int, stop: int) -> None:
        self.pixels -= {(self.cursor.y, x) for x in range(start, stop)}

    def insert_characters(self, count: int | None = None) -> None:
        self._in_row()
        super().insert_characters(count)

    def delete_characters(self, count: int | None = None) -> None:
        self._in_row()
        super().delete_characters(count)

    def _in_row(self) -> None:
        assert all(y != self.cursor.y for y, _ in self.pixels), "pixels were moved in their row"

    def index(self) -> None:
        self._scrolls(at=self.margins.bottom if self.margins else HEIGHT - 1)
        super().index()

    def reverse_index(self) -> None:
        self._scrolls(at=self.margins.top if self.margins else 0)
        super().reverse_index()

    def _scrolls(self, at: int) -> None:
        top, bottom = self.margins or (0, HEIGHT - 1)
        moved = self.cursor.y == at and any(top <= y <= bottom for y, _ in self.pixels)
        assert not moved, "pixels were scrolled"


class Screen:
    """A diff, and the terminal that it feeds."""

    def __init__(self) -> None:
        self.diff = ScreenDiff(WIDTH, HEIGHT, Capabilities())
        self.glass = Glass()
        self.stream = pyte.Stream(self.glass)
        self.stream.feed("\x1b[?7l")

    def show(self, rows: Sequence[Sequence[Segment]]) -> str:
        for y, row in enumerate([*rows, *([()] * (HEIGHT - len(rows)))]):
            self.diff.put(y, 0, [*row, Segment(" " * WIDTH)])
        return self.feed()

    def feed(self) -> str:
        frame = self.diff.render()
        self.stream.feed(frame.replace("\x1b]8;;\x1b\\", ""))
        return frame

    def lay_all(self) -> set[Placed]:
        bare = self.diff.bare()
        for placed in bare:
            sent = self.diff.lay(placed, "PIXELS")
            erasure, pixels, rest = sent.partition(f"\x1b[{placed.y + 1};{placed.x + 1}HPIXELS\x1b8")
            assert pixels
            assert not rest
            self.stream.feed(f"{erasure}\x1b8")
            self.glass.pixels |= area(placed)
        return bare


def area(placed: Placed) -> set[tuple[int, int]]:
    return {(y, x) for y in range(placed.y, placed.bottom) for x in range(placed.x, placed.right)}


def row_of(picture: Picture, index: int, indent: int = 2, behind: str = "|") -> list[Segment]:
    """A row of blocks, as the painter makes it."""
    style = Style(color="red", bgcolor="blue")
    first = Segment("▀", marked(style, picture, index, False))
    return [Segment("#" * indent), first, Segment("▄" * (picture.columns - 1), style), Segment(behind)]


def rows_of(picture: Picture, indent: int = 2, behind: str = "|") -> list[list[Segment]]:
    return [row_of(picture, index, indent, behind) for index in range(picture.rows)]


def text(words: str) -> list[Segment]:
    return [Segment(words)]


def test_a_mark_goes_through_a_style() -> None:
    assert mark_of(Style(color="red")) is None
    style = marked(Style(color="red"), block.Picture("d1", 6, 3), 2, False)
    assert mark_of(Style(bgcolor="blue") + style) == Mark(PICTURE, 2, False)
    assert style.color == Style(color="red").color


def test_foreign_placeholders_are_no_pictures() -> None:
    assert split_cells(f"a{PLACEHOLDER}\u0305\u0305b") == ("a", "\ufffd\u0305\u0305", "b")


def test_placeholders_keep_their_marks_and_take_a_column_each() -> None:
    text = "".join(f"{PLACEHOLDER}\u0305{mark}" for mark in "\u0305\u030d\u030e")
    assert placeholder_cells(text) == (PLACEHOLDER + "\u0305\u0305", PLACEHOLDER + "\u0305\u030d", PLACEHOLDER + "\u0305\u030e")


@pytest.mark.parametrize("colors", list(Colors))
def test_an_id_is_written_as_it_is_whatever_the_terminal_has_of_colours(colors: Colors) -> None:
    pens = Pens(Capabilities(colors=colors))
    number, *_ = pens.of(marked(ID_STYLE, PICTURE, 0, True))
    assert pens.pens[number].fg == "38;2;95;135;175"
    assert pens.pens[pens.of(ID_STYLE)[0]].fg != "38;2;95;135;175"


def test_placeholders_are_text_that_scrolls() -> None:
    screen = Screen()
    picture = Picture("d3", 3, 6)
    rows = [
        [Segment("".join(f"{PLACEHOLDER}{row}{col}" for col in "\u0305\u030d\u030e"), marked(ID_STYLE, picture, i, True))]
        for i, row in enumerate("\u0305\u030d\u030e\u0310\u0312\u033d")
    ]
    lines = [text(f"line {i} and some more words") for i in range(5)]
    screen.show([*lines, *rows])
    assert screen.glass.display[5].startswith(PLACEHOLDER)
    assert screen.diff.seen() == {picture}
    assert screen.diff.bare() == set()
    frame = screen.show([*lines[2:], *rows])
    assert PLACEHOLDER not in frame
    assert screen.glass.buffer[3][0].data == PLACEHOLDER + "\u0305\u0305"


def test_what_is_whole_is_laid_once_and_with_a_row_below() -> None:
    screen = Screen()
    screen.show([text("above"), *rows_of(PICTURE)])
    assert screen.lay_all() == {Placed(PICTURE, 1, 2)}
    assert screen.diff.bare() == set()
    assert screen.feed() == ""
    screen.show([text("x")] * (HEIGHT - 3) + rows_of(PICTURE))
    assert screen.diff.bare() == set()
    screen.show([text("x")] * (HEIGHT - 2) + rows_of(PICTURE)[:2])
    assert screen.diff.bare() == set()
    assert screen.diff.seen() == {PICTURE}
    assert screen.glass.pixels == set()


def test_text_beside_a_picture_changes_without_it() -> None:
    screen = Screen()
    screen.show([text("above"), *rows_of(PICTURE, behind="some text behind it")])
    screen.lay_all()
    frame = screen.show([text("above, changed"), *rows_of(PICTURE, behind="s")])
    assert "▄" not in frame
    assert screen.glass.pixels == area(Placed(PICTURE, 1, 2))
    assert screen.diff.bare() == set()


def test_what_is_laid_over_is_gone_before_anything_lies_over_it() -> None:
    screen = Screen()
    screen.show(rows_of(PICTURE))
    screen.lay_all()
    screen.diff.put(1, 4, [Segment("popup")])
    screen.feed()
    assert screen.glass.pixels == set()
    assert screen.glass.display[1].startswith("##▀▄popup")
    assert screen.diff.bare() == set()
    screen.show(rows_of(PICTURE))
    assert screen.lay_all() == {Placed(PICTURE, 0, 2)}


def test_a_popup_over_the_start_of_a_picture_moves_it_nowhere() -> None:
    screen = Screen()
    for y, row in enumerate(rows_of(PICTURE)):
        strip = [*row, Segment(" " * WIDTH)]
        screen.diff.put(y, 0, [Segment("pop")])
        screen.diff.put(y, 3, [Segment("▄" * 5, strip[2].style), *strip[3:]])
    screen.feed()
    assert screen.diff.seen() == set()


def test_after_the_terminal_was_cleared_all_is_laid_again() -> None:
    screen = Screen()
    screen.show(rows_of(PICTURE))
    screen.lay_all()
    screen.diff.invalidate()
    assert screen.diff.bare() == set()
    screen.feed()
    assert screen.glass.pixels == set()
    assert screen.lay_all() == {Placed(PICTURE, 0, 2)}
    screen.diff.resize(WIDTH, HEIGHT)
    screen.feed()
    assert screen.diff.bare() == set()


def test_marks_of_two_pictures_beside_each_other() -> None:
    marks = Marks()
    for y in range(3):
        marks.put(y, 0, 30, [(2, Mark(PICTURE, y, False)), (10, Mark(OTHER, y, False))])
    marks.put(3, 0, 30, [(10, Mark(OTHER, 3, False))])
    assert marks.whole() == {Placed(PICTURE, 0, 2), Placed(OTHER, 0, 10)}
    marks.put(1, 12, 14, [])
    assert marks.whole() == {Placed(PICTURE, 0, 2)}
    marks.put(1, 0, 6, [(2, Mark(PICTURE, 1, False))])
    assert marks.whole() == set()


ROWS = st.one_of(
    st.sampled_from([text("one"), text("two words"), text("a longer line of text"), []]).map(lambda row: [row]),
    st.builds(rows_of, st.sampled_from([PICTURE, OTHER]), st.integers(0, 4), st.sampled_from(["", "|", "words and words"])),
)
SCREENS = st.lists(ROWS, max_size=8).map(lambda parts: [row for part in parts for row in part][:HEIGHT])


@given(st.lists(st.tuples(SCREENS, st.booleans()), min_size=2, max_size=6))
def test_pixels_lie_where_pictures_are_laid_and_nowhere_else(screens: list[tuple[list[list[Segment]], bool]]) -> None:
    screen = Screen()
    laid: set[Placed] = set()
    for rows, lays in screens:
        screen.show(rows)
        laid = {placed for placed in laid if area(placed) <= screen.glass.pixels}
        assert screen.glass.pixels == set().union(*map(area, laid))
        cells = screen.diff._wanted
        for y, (graphemes, _) in enumerate(cells):
            shown = [" " if (y, x) in screen.glass.pixels else grapheme for x, grapheme in enumerate(graphemes)]
            assert [screen.glass.buffer[y][x].data for x in range(WIDTH)] == shown
        if lays:
            laid |= screen.lay_all()


@given(st.lists(ROWS, min_size=6, max_size=8), st.lists(st.integers(-3, 3), max_size=8))
def test_scrolling_leaves_no_pixel_behind(parts: list[list[list[Segment]]], steps: list[int]) -> None:
    rows = [row for part in parts for row in part]
    screen, at = Screen(), 0
    screen.show(rows[:HEIGHT])
    laid = screen.lay_all()
    for step in steps:
        at = max(0, min(len(rows) - 1, at + step))
        screen.show(rows[at : at + HEIGHT])
        laid = {placed for placed in laid if area(placed) <= screen.glass.pixels}
        assert screen.glass.pixels == set().union(*map(area, laid))
        laid |= screen.lay_all()
