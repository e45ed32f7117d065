"""Counted rows equal wrapped rows."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.render.support import STYLES
from tuinb.render import ansi
from tuinb.render.layout.row_counts import SINGLE, WIDE, counts
from tuinb.render.layout.wrapped import wrap
from tuinb.render.safe import clean, width

PARTS = st.sampled_from(
    [
        "a",
        "bcd",
        " ",
        "\t",
        "é",
        "→",
        "✓",
        "漢",
        "字",
        "、",
        "\x1b[31m",
        "\x1b[",
        "\x1b]8;;http://x\x07",
        "\u0301",
        "\x00",
        "👍",
        "✅",
        "\ufe0f",
        "\u200d",
        "\U0001f3fd",
    ]
)


def made(line: str, columns: int) -> int:
    return len(wrap(ansi.spans(line, ansi.PLAIN, STYLES)[0], columns))


@given(st.lists(st.lists(PARTS, max_size=20).map("".join), min_size=1), st.integers(1, 12))
def test_lines_have_the_rows_that_wrapping_makes(lines: list[str], columns: int) -> None:
    assert counts(lines, columns, lambda line: made(line, columns)) == [made(line, columns) for line in lines]


@pytest.mark.parametrize(
    ("line", "columns", "rows"),
    [
        ("", 5, 1),
        ("abcde", 5, 1),
        ("abcdef", 5, 2),
        ("漢字漢字", 5, 2),
        ("a漢字漢字", 5, 2),
        ("ab漢字", 3, 3),
        ("a\tb", 8, 2),
        ("→" * 11, 5, 3),
    ],
)
def test_usual_lines_are_not_made(line: str, columns: int, rows: int) -> None:
    def never(_line: str) -> int:
        raise AssertionError

    assert counts([line], columns, never) == [rows]
    assert made(line, columns) == rows


@pytest.mark.parametrize(("kind", "columns"), [(SINGLE, 1), (WIDE, 2)])
def test_the_characters_take_what_they_are_said_to(kind: str, columns: int) -> None:
    found = [char for char in map(chr, range(0x20, 0x20000)) if re.match(f"[{kind}]", char)]
    assert len(found) > 1000
    for char in found:
        assert width(char) == columns
        assert clean(f"a{char}{char}b") == f"a{char}{char}b"
    text = "".join(found)
    assert clean(text) == text
