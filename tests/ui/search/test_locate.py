"""Rows of outputs: places, types, sideways, trees; where a match is among them; and text without control characters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuinb import themes
from tuinb.notebook.changes import CellData, CellId, OutputData
from tuinb.notebook.document import Notebook
from tuinb.notebook.search import SOURCE, Match, Query, search
from tuinb.render.block import Line, Span, plain
from tuinb.render.context import RenderContext
from tuinb.render.layout.wrapped import TextBlock, TextLines
from tuinb.render.pager_text import for_clipboard, for_pager
from tuinb.render.styles import ThemeStyles
from tuinb.ui.search import locate
from tuinb.ui.search.locate import row_in, texts_of
from tuinb.ui.view import output_area
from tuinb.ui.view.match_marks import highlight_matches
from tuinb.ui.view.output_area import OutputArea, Place
from tuinb.workspace.view_state import DEFAULT_LOOK, Look

if TYPE_CHECKING:
    from tuinb.notebook.cell import Cell
    from tuinb.notebook.outputs import Output
    from tuinb.render.registry import Choices

THEME = themes.load("dark")
CONTEXT = RenderContext(width=20, theme=THEME, styles=ThemeStyles(THEME))


def cell(*outputs: dict[str, Any]) -> Cell:
    return Notebook([CellData(CellId("c"), "code", "source", {}, tuple(map(OutputData, outputs)))]).at(0)


def stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def bundle(**data: object) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {name.replace("_", "/"): value for name, value in data.items()}}


def rows(area: OutputArea) -> list[str]:
    return [plain(area.line(row)) for row in range(area.height)]


def test_another_type_and_back() -> None:
    area = OutputArea(cell(bundle(text_plain="text", text_markdown="*mark*")).outputs, CONTEXT, 20)
    area.sync(False)
    assert rows(area) == ["mark"]
    assert area.sync(False, Look("text/plain"))
    assert rows(area) == ["text"]
    assert not area.sync(False, Look("text/plain"))
    area.sync(False)
    assert rows(area) == ["mark"]


def test_places_of_rows_folded_and_whole() -> None:
    area = OutputArea(cell(stream("a\n" * 30), stream("b\n" * 30)).outputs, CONTEXT, 9)
    area.sync(False)
    assert area.long
    assert [area.place(row) for row in (0, 3, 4, 5, 8)] == [Place(0, 0), Place(0, 3), Place(-1, 0), Place(1, 26), Place(1, 29)]
    assert area.row_of(Place(1, 26)) == 5
    assert area.row_of(Place(1, 2)) is None
    assert area.node(4) is None
    area.sync(True)
    assert area.height == 60
    assert area.place(31) == Place(1, 1)
    assert area.row_of(Place(1, 1)) == 31


class Wide:
    """Thirty columns of letters, two rows; the second is a node."""

    columns = 30
    height = 2
    text = "abcdefghijklmnopqrstuvwxyz0123"

    def __init__(self, choices: Choices) -> None:
        self.choices = choices

    def line(self, index: int) -> Line:
        return self.window(index, 0)

    def window(self, index: int, start: int) -> Line:
        return (Span(self.text[start : start + 20] + ("!" if "/x" in self.choices.toggled else "")),)

    def node(self, index: int) -> str | None:
        return "/x" if index else None

    def pointer(self, index: int) -> str:
        return "/x" if index else ""


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    def render(_output: Output, _context: RenderContext, choices: Choices) -> Wide:
        return Wide(choices)

    monkeypatch.setattr(output_area, "render_output", render)


@pytest.mark.usefixtures("wide")
def test_sideways() -> None:
    area = OutputArea(cell(stream("x")).outputs, CONTEXT, 9)
    area.sync(False)
    assert area.columns == 30
    area.sync(False, Look(start=3))
    assert rows(area)[0] == "defghijklmnopqrstuvw"
    area.sync(False, Look(start=99))
    assert rows(area)[0] == "klmnopqrstuvwxyz0123"


@pytest.mark.usefixtures("wide")
def test_nodes() -> None:
    area = OutputArea(cell(stream("x"), stream("y")).outputs, CONTEXT, 9)
    area.sync(False)
    assert [area.node(row) for row in range(4)] == [None, (0, "/x"), None, (1, "/x")]
    area.sync(False, Look(toggled=frozenset({(1, "/x")})))
    assert [text[-1] for text in rows(area)] == ["t", "t", "!", "!"]


TEXTS = st.lists(st.text("ab é漢", max_size=70), max_size=150).map("\n".join)


@settings(max_examples=30)
@given(TEXTS, st.integers(1, 30))
def test_rows_of_lines_are_where_the_lines_are(text: str, columns: int) -> None:
    source = TextLines(text)
    block = TextBlock(source, columns, CONTEXT.styles)
    expected = 0
    for number, line in enumerate(source.lines(0, 1000)):
        assert block.row_of(number) == expected
        expected += TextBlock(TextLines(line), columns, CONTEXT.styles).height
    assert block.height == expected


@settings(max_examples=30)
@given(TEXTS)
def test_each_match_is_on_the_row_that_is_gone_to(text: str) -> None:
    """Unless it is broken over two rows."""
    query = Query("a")
    of = cell(stream(text + "\n"))
    found = [match for batch in search(query, [of], lambda it: texts_of(it, CONTEXT, DEFAULT_LOOK)) for match in batch]
    area = OutputArea(of.outputs, CONTEXT, 9)
    area.sync(True)
    counts: dict[tuple[int, int], int] = {}
    for match in (match for match in found if match.place != SOURCE):
        nth = counts.get(match[1:3], 0)
        counts[match.place, match.line] = nth + 1
        row, number = row_in(area.block(0), match, nth, query)
        assert len(list(query.hits(plain(area.line(row))))) > number


def test_a_row_that_is_not_there_any_more() -> None:
    match = Match(CellId("c"), 0, 7, 0, 1)
    assert row_in(TextBlock(TextLines("a"), 20, CONTEXT.styles), match, 0, Query("z")) == (0, 0)


def test_marks_of_matches() -> None:
    style, current = CONTEXT.styles.role("bracket_match"), CONTEXT.styles.role("error")
    link = CONTEXT.styles.role("link")
    line = (Span("one t"), Span("wo on", link), Span("e"))
    made = highlight_matches(line, Query("one"), style, 1, current)
    assert [span.text for span in made] == ["one", " t", "wo ", "on", "e"]
    assert [span.style for span in made] == [style, None, link, link + current, current]
    assert highlight_matches(line, Query("three"), style, -1, current) is line


@given(st.text(), st.sampled_from(["\x1b[31m", "\x1b]0;x\x07", "\x1bc", "\x9b2J", "\r", "\u202e", "é"]))
def test_nothing_but_colours_reaches_a_pager(text: str, piece: str) -> None:
    shown = for_pager(f"{text}{piece}{text}")
    left = shown.replace("\x1b[31m", "").replace("\x1b[m", "")
    if "\x1b" not in text and "\x9b" not in text:
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", left)
    assert "\x1b" not in for_clipboard(f"{text}{piece}")
    assert "\x1b]" not in shown


def test_colours_stay_for_a_pager_and_go_from_what_is_copied() -> None:
    text = "\x1b[1;31mred\x1b[0m\tx\r\n\x1b]8;;http://x\x07link\x1b]8;;\x07"
    assert for_pager(text) == "\x1b[1;31mred\x1b[0m        x␍\nlink"
    assert for_clipboard(text) == "red\tx\nlink"


LETTERS = st.text("aAbB \tä漢\u0301\x9b\x00\x1b[m", max_size=12)
CONTROLS = st.sampled_from(["\r", "\b", "\n", "\r\n", "\x1b[31m", "\x1b[1A", "\x85", "\f", "\u2028"])
FROM_FILE = st.lists(st.one_of(LETTERS, CONTROLS), max_size=8)


@given(FROM_FILE, st.sampled_from(["a", "ab", "AB", "ä", "re:a.", "re:b$"]), st.booleans())
@settings(max_examples=150, deadline=None)
def test_outputs_are_found_alike_with_and_without_rendering_them(parts: list[str], needle: str, plain_text: bool) -> None:
    output = bundle(text_plain=parts) if plain_text else {"output_type": "stream", "name": "stdout", "text": parts}
    data = CellData(CellId("c"), "code", "", {}, (OutputData(output),))

    def found() -> list[list[Match]]:
        hits = search(Query(needle), [Notebook([data]).at(0)], lambda cell: texts_of(cell, CONTEXT, DEFAULT_LOOK))
        return [matches for matches in hits if matches]

    direct = found()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(locate, "_shown_as_it_is", lambda output: None)
        assert found() == direct


def test_what_is_shown_as_it_is_in_the_file_is_not_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    def render(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(locate, "render_output", render)
    texts = dict(texts_of(cell(stream("a\nb"), bundle(text_plain=["c\n", "d"])), CONTEXT, DEFAULT_LOOK))
    assert [list(chunks) for chunks in texts.values()] == [[(0, "source")], [(0, "a\nb")], [(0, "c\nd")]]
