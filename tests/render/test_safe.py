# ruff: noqa: RUF001  text in every script
"""Foreign text is shown, never interpreted, and never shifts a column."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tuinb.render.safe import clean, is_narrow, one_to_one, width
from tuinb.terminal.cells import is_doubtful, split_cells

HOSTILE = (
    "\x00\x07\x08\t\x0b\x0c\r\x1b\x7f\x80\x85\x9b\xad\u034f\u061c\u115f\u200b\u200c\u200d\u200e\u2028\u202e\u2066"
    "\ufeff\ufe0f\uffa0\ud800\U000e0041"
)
TEXT = st.text(st.one_of(st.characters(codec=None), st.sampled_from(HOSTILE + "e\u0301👩🏽🇩🇪🏳漢字שלום")))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("naïve 漢字 שלום ─", "naïve 漢字 שלום ─"),
        ("\x1b]52;c;\x07", "␛]52;c;␇"),
        ("a\x00b\x7f", "a␀b␡"),
        ("\x9b31m", "⟨U+009B⟩31m"),
        ("user\u202etxt.exe", "user⟨U+202E⟩txt.exe"),
        ("zero\u200bwidth\ufeff\xad", "zero⟨U+200B⟩width⟨U+FEFF⟩⟨U+00AD⟩"),
        ("line\u2028end", "line⟨U+2028⟩end"),
        ("tag\U000e0041", "tag⟨U+E0041⟩"),
        ("lone \ud800", "lone �"),
        ("👨\u200d👩\u200d👧", "👨👩👧"),
        ("a\u200db", "a⟨U+200D⟩b"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u062e"),
        ("❤\ufe0f 1\ufe0f\u20e3", "❤ 1\u20e3"),
        ("a\ufe00\ufe01", "a⟨U+FE00⟩⟨U+FE01⟩"),
        ("👍🏽", "👍"),
        ("x🏽", "x⟨U+1F3FD⟩"),
        ("🇩🇪", "DE"),
        ("\u0301a", "◌\u0301a"),
        ("e" + "\u0301" * 40, "e" + "\u0301" * 4),
        ("nl\n", "nl␊"),
        ("a\U0010eeee\u0305b", "a⟨U+10EEEE⟩\u0305b"),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"),
        ("\u1161a\u11a8", "⟨U+1161⟩a⟨U+11A8⟩"),
        ("葛\U000e0100城", "葛城"),
        ("heart \U0001fa77, face \U0001fae9", "heart ⟨U+1FA77⟩, face ⟨U+1FAE9⟩"),
        ("\u0600 \u2630 \u324f", "⟨U+0600⟩ ⟨U+2630⟩ ⟨U+324F⟩"),
        ("हिन्दी हीं ไทย བོད", "हि\xa0न्दी\xa0 हीं\xa0 ไทย བོད"),
        ("မော", "မေ\xa0◌ာ\xa0"),
        ("🏴\U000e0067\U000e007f", "🏴⟨U+E0067⟩⟨U+E007F⟩"),
        ("#\ufe0f\u20e3", "#\u20e3"),
    ],
)
def test_shows_what_a_terminal_would_obey_or_hide(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_tabs_go_to_the_next_stop() -> None:
    assert clean("a\tb") == "a       b"
    assert clean("漢\tb") == "漢      b"
    assert clean("\tb", column=6) == "  b"
    assert clean("a\tb", tabs=4) == "a   b"
    assert clean("a\tb", tabs=None) == "a␉b"


def test_text_that_is_fine_is_the_same_object() -> None:
    for text in ("plain", "naïve 漢字"):
        assert clean(text) is text


@given(TEXT)
def test_nothing_that_acts_is_left(text: str) -> None:
    for shown in (clean(text), one_to_one(text).replace("\t", "")):
        assert not any(char < " " or "\x7f" <= char <= "\x9f" or "\ud800" <= char <= "\udfff" for char in shown)
        assert not set(shown) & set("\u200b\u200d\u200e\u2028\u202e\u2066\ufeff\ufe0f")
        shown.encode()
    assert clean(clean(text)) == clean(text)


@given(TEXT)
def test_widths_add_up_character_by_character(text: str) -> None:
    shown = clean(text)
    assert width(shown) == cell_len(shown) == sum(map(cell_len, shown))


@given(TEXT)
def test_one_to_one_keeps_every_offset(text: str) -> None:
    assert len(one_to_one(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc¦\u062e"),
        ("👩\u200d👧", "👩‿👧"),
        ("❤\ufe0f \u202e \xad \u200b \ufeff", "❤▯ ▯ ▯ ▯ ▯"),
        ("\u0301a", "◌a"),
        ("\ud800 \ufffd \uffff", "� � �"),
        ("\x1b\t", "␛\t"),
    ],
)
def test_an_editor_shows_broken_text_only_as_broken(text: str, shown: str) -> None:
    assert one_to_one(text) == shown
    assert width(shown.replace("\t", "")) == sum(map(width, shown.replace("\t", "")))


@given(TEXT)
def test_narrow_text_is_never_wider_than_its_characters(text: str) -> None:
    if is_narrow(text):
        assert width(clean(text)) <= len(text)


HARD = st.text(
    st.one_of(
        st.sampled_from(
            HOSTILE
            + "ab 漢字한ㄱ\u1112\u1161\u11abשלוםالعربيةहिन्दीไทยབོད1\ufe0f\u20e3❤\ufe0f👩\u200d👩🏽🇩🇪🏴\U000e0067\U000e007f🩷"
        ),
        st.characters(codec=None),
    ),
    max_size=12,
)


@given(st.lists(HARD, min_size=1, max_size=4))
def test_a_terminal_puts_what_follows_where_it_is_expected(rows: list[str]) -> None:
    screen = pyte.Screen(200, len(rows))
    stream = pyte.Stream(screen)
    for y, row in enumerate(rows):
        cells = ("|", *split_cells(clean(row)), "|")
        stream.feed(f"\x1b[{y + 1};1H")
        for x, cell in enumerate(cells):
            stream.feed(cell)
            if is_doubtful(cell):
                stream.feed(f"\x1b[{y + 1};{x + 2 + (cells[x + 1] == '')}H")
        assert screen.buffer[y][width(clean(row)) + 1].data == "|"
        assert screen.cursor.x == width(clean(row)) + 2
