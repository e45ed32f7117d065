"""Text wrapped to the columns of a message or a question."""

from __future__ import annotations

import pytest

from tuinb.render.safe import width
from tuinb.ui import strips


@pytest.mark.parametrize("text", ["é" * 1_000_000, "é" * 500 + "\n" + "é" * 500_000, "a\n" * 500_000])
def test_of_a_message_that_is_too_long_only_the_start_is_laid_out(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = 0

    def told(text: str) -> int:
        nonlocal measured
        measured += len(text)
        return width(text)

    monkeypatch.setattr("tuinb.ui.strips.width", told)
    assert len(strips.wrap(text, 40, 6)) == 6
    assert 0 < measured < 100_000


def test_words_are_kept_whole_where_that_works() -> None:
    assert strips.wrap("one two  three\nfour", 8, 9) == ["one two ", "three", "four"]
    assert strips.wrap("wonderful day", 4, 9) == ["wond", "erfu", "l", "day"]
    assert strips.wrap("", 4, 9) == [""]


def test_wrapped_lines_keep_their_indentation() -> None:
    assert strips.wrap("f(\n    by=None,\n\n)", 20, 9) == ["f(", "    by=None,", "", ")"]
    assert strips.wrap("            deep down", 8, 9) == ["    deep", "down"]
