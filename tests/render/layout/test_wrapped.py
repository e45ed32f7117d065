"""Wrapped rows: counted rows equal made rows for any text and width."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.render.support import STYLES, check, text_of
from tuinb.notebook.streams.text import StreamText
from tuinb.render import ansi
from tuinb.render.ansi import strip
from tuinb.render.block import Span, plain
from tuinb.render.layout.wrapped import TextBlock, TextLines, wrap
from tuinb.render.safe import clean, width

if TYPE_CHECKING:
    from tuinb.notebook.streams.text import Piece

PIECES = [
    "a",
    "word ",
    "\n",
    "漢字",
    "\t",
    "\x1b[31m",
    "\x1b[0m",
    "\x1b]8;;",
    "\u0301",
    "\u202e",
    "👩\u200d👩",
    "é" * 9,
    "x" * 70,
    "\x9b",
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


def block_of(text: str, columns: int) -> TextBlock:
    return TextBlock(TextLines(text), columns, STYLES)


def test_wraps_like_a_terminal() -> None:
    assert text_of(block_of("abcdef\n\ngh", 4)) == ["abcd", "ef", "", "gh"]
    assert text_of(block_of("a漢字b", 4)) == ["a漢", "字b"]
    assert text_of(block_of("漢a", 1)) == ["�", "a"]
    assert text_of(block_of("e\u0301e\u0301e\u0301", 2)) == ["e\u0301e\u0301", "e\u0301"]
    beside = "\N{DEVANAGARI LETTER KA}\N{DEVANAGARI VOWEL SIGN AA}"
    assert text_of(block_of(f"abc{beside}d", 4)) == ["abc", f"{beside}\xa0d"]


def test_a_line_end_at_the_very_end_opens_no_line() -> None:
    assert block_of("a\n", 9).height == 1
    assert block_of("a\n\n", 9).height == 2


def test_wrapping_keeps_styles() -> None:
    bold = STYLES.role("heading")
    rows = wrap((Span("ab"), Span("cdef", bold), Span("g")), 3)
    assert rows == [(Span("ab"), Span("c", bold)), (Span("def", bold),), (Span("g"),)]


@given(TEXTS, st.integers(1, 12))
def test_rows_are_as_many_as_counted_and_as_narrow_as_asked(text: str, columns: int) -> None:
    check(block_of(text, columns), columns)


@given(st.text(st.characters(codec=None)), st.integers(1, 9))
def test_any_text_can_be_shown(text: str, columns: int) -> None:
    check(block_of(text, columns), columns)


@given(st.text("ab c\n漢é"), st.integers(2, 9))
def test_wrapping_loses_nothing(text: str, columns: int) -> None:
    assert "".join(text_of(block_of(text, columns))) == text.replace("\n", "")


@settings(max_examples=40)
@given(st.lists(TEXTS, max_size=6), st.integers(1, 40))
def test_a_growing_stream_shows_what_a_new_block_of_it_shows(chunks: list[str], columns: int) -> None:
    stream = StreamText()
    block = TextBlock(stream, columns, STYLES)
    for chunk in chunks:
        stream.append(chunk)
        assert text_of(block) == text_of(TextBlock(stream, columns, STYLES))
        check(block, columns)


def test_a_stream_taken_back_is_shown_as_it_was() -> None:
    stream = StreamText("one\n")
    block = TextBlock(stream, 20, STYLES)
    mark = stream.mark()
    stream.append("two\n" * 50_000)
    assert block.height == 50_001
    stream.truncate(mark)
    assert text_of(block) == ["one"]
    stream.append("three\n")
    assert text_of(block) == ["one", "three"]


@pytest.mark.parametrize("columns", [7, 40, 200])
def test_any_row_of_a_long_text(columns: int) -> None:
    text = "".join(f"{i} {'x' * (i % 60)} \x1b[3{i % 8}m{'é' * (i % 5)}\n" for i in range(3_000))
    block = block_of(text, columns)
    rows = iter(range(block.height))
    for line in strip(text).splitlines():
        shown = ""
        while len(shown) < len(line):
            shown += plain(block.line(next(rows)))
        assert shown == line
    assert next(rows, None) is None


def test_colours_are_carried_over_lines() -> None:
    stream = StreamText("\x1b[1m" + "x\n" * 500)
    for block in (TextBlock(stream, 9, STYLES), block_of("\x1b[1m" + "x\n" * 80, 9)):
        style = block.line(79)[0].style
        assert style is not None
        assert style.bold


def test_the_base_style_is_under_the_texts_own() -> None:
    base = STYLES.role("stderr")
    block = TextBlock(TextLines("a\x1b[1mb"), 9, STYLES, base)
    first, second = block.line(0)
    assert first.style == base
    assert second.style is not None
    assert second.style.bold
    assert second.style.color == base.color


@pytest.mark.parametrize("size", [100, 15_000, 30_000])
def test_escapes_of_a_huge_line_are_never_shown(size: int) -> None:
    text = "".join(f"\x1b[3{i % 8}mab\x1b[0m" for i in range(size // 2))
    made = TextBlock(TextLines(f"first\n{text}\nlast"), 80, STYLES)
    rows = [made.line(row) for row in range(made.height)]
    shown = ["".join(span.text for span in row) for row in rows]
    assert [shown[0], shown[-1]] == ["first", "last"]
    assert "".join(shown[1:-1]) == "ab" * (size // 2)
    assert any(span.style for span in rows[1]) == (size <= 20_000)


@pytest.mark.parametrize("text", ["x" * 50_000, "é\x1b" * 20_000, "漢\t" * 20_000, "\u0301" * 30_000, "\ud800" * 30_000])
def test_a_huge_line_is_cut_into_rows(text: str) -> None:
    block = block_of(text + "\nend", 30)
    check(block, 30)
    assert text_of(block)[-1] == "end"
    if text.isascii():
        assert block.height == len(text) // 30 + 2


@given(st.lists(st.text("ab\x1b[3;1m]8\\ \x07\x00", max_size=30)), st.integers(1, 12))
def test_lines_that_are_counted_together_have_the_rows_of_each(lines: list[str], columns: int) -> None:
    block = block_of("\n".join([*lines, "end"]), columns)
    each = [wrap(ansi.spans(line, ansi.PLAIN, STYLES)[0], columns) for line in [*lines, "end"]]
    assert block.height == sum(map(len, each))
    assert text_of(block) == [plain(row) for rows in each for row in rows]


def test_what_a_huge_line_ends_in_colours_the_next() -> None:
    block = block_of("x" * 25_000 + "\x1b[1m\nend", 80)
    style = block.line(block.height - 1)[0].style
    assert style is not None
    assert style.bold


class Counted:
    """A source that records the number of requested lines."""

    def __init__(self, text: str) -> None:
        self._lines = TextLines(text)
        self.revision = 0
        self.given = 0
        self.piece_count = self._lines.piece_count

    def piece(self, index: int) -> Piece:
        return self._lines.piece(index)

    def lines(self, start: int, stop: int) -> list[str]:
        found = self._lines.lines(start, stop)
        self.given += len(found)
        return found

    def style_before(self, line: int) -> str:
        return ""


def test_a_row_costs_a_page_and_not_the_text() -> None:
    source = Counted("some line of text\n" * 100_000)
    block = TextBlock(source, 80, STYLES)
    assert block.height == 100_000
    source.given = 0
    for row in (0, 50_000, 99_999):
        assert plain(block.line(row)) == "some line of text"
    assert block.height == 100_000
    assert source.given < 300


def test_lines_of_a_text_by_number() -> None:
    text = "\n".join(str(i) * (i % 40) for i in range(9_000))
    source = TextLines(text)
    lines = text.split("\n")
    assert source.piece_count > 3
    for start, stop in ((0, 3), (1_500, 4_000), (8_990, 9_100), (5, 5)):
        assert source.lines(start, stop) == lines[start:stop]


def test_clean_text_and_its_width_agree() -> None:
    assert width(clean("a\u202e")) == 9
