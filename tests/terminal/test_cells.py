"""Text as cells: each of a width that terminals agree on, and nothing that a terminal would obey."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tuinb.terminal.cells import is_doubtful, split_cells


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("aé─", ("a", "é", "─")),
        ("語", ("語", "")),
        ("e\u0301x", ("e\u0301", "x")),
        ("語\u0301", ("語\u0301", "")),
        ("\N{WOMAN}\u200d\N{PERSONAL COMPUTER}x", ("\N{WOMAN}", "", "x")),
        ("a\u200bb", ("a", "b")),
        ("a\xa0b", ("a", " ", "b")),
        ("\u0915\u093e\xa0x", ("\u0915\u093e", "", "x")),
        ("e\u0301\xa0x", ("e\u0301", " ", "x")),
        ("a\x1bb", ("a", "\ufffd", "b")),
        ("a\u202eb", ("a", "\ufffd", "b")),
    ],
)
def test_cells(text: str, cells: tuple[str, ...]) -> None:
    assert split_cells(text) == cells


def test_what_a_selector_widens_is_padded_where_it_stands() -> None:
    assert split_cells("\u2764\ufe0fx") == ("\u2764", *[" "] * (cell_len("\u2764\ufe0f") - 1), "x")


def test_a_flag_is_its_letters() -> None:
    text = "\N{REGIONAL INDICATOR SYMBOL LETTER D}\N{REGIONAL INDICATOR SYMBOL LETTER E}"
    assert [cell for cell in split_cells(text) if cell.strip()] == ["D", "E"]


def test_marks_are_bounded() -> None:
    assert len(split_cells("e" + "\u0301" * 100)[0]) <= 9


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(), max_size=12))
def test_any_text_gives_printable_cells_of_the_width_it_was_laid_out_by(text: str) -> None:
    cells = split_cells(text)
    for cell, following in zip(cells, (*cells[1:], " "), strict=False):
        assert all(unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp") for char in cell)
        assert not set(cell) & set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200d")
        if following == "":
            assert cell
    invisible = sum(1 for char in text if cell_len(char) == 0)
    assert abs(len(cells) - cell_len(text)) <= invisible


def test_a_cell_after_which_terminals_differ_is_told() -> None:
    assert not is_doubtful("語")
    assert not is_doubtful("e\u0301")
    assert is_doubtful("\u0915\u093e")
