"""SGR sequences as a style, and the way from one style to another."""

from __future__ import annotations

import pytest

from tuinb.notebook.streams.sgr import style_after, transition


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("plain", ""),
        ("\x1b[31m", "\x1b[31m"),
        ("\x1b[1m\x1b[31m", "\x1b[1;31m"),
        ("\x1b[31m\x1b[1m", "\x1b[1;31m"),
        ("\x1b[31mred\x1b[92m", "\x1b[92m"),
        ("\x1b[38;5;196m", "\x1b[38;5;196m"),
        ("\x1b[38;2;1;2;3;1m", "\x1b[1;38;2;1;2;3m"),
        ("\x1b[38:2::1:2:3m", "\x1b[38:2::1:2:3m"),
        ("\x1b[38m", "\x1b[38m"),
        ("\x1b[4:3m", "\x1b[4:3m"),
        ("\x1b[4:3m\x1b[4:0m", ""),
        ("\x1b[1;2;3;4;7m\x1b[22;24m", "\x1b[3;7m"),
        ("\x1b[31;42m\x1b[39m", "\x1b[42m"),
        ("\x1b[31m\x1b[0m", ""),
        ("\x1b[31m\x1b[m", ""),
        ("\x1b[31m\x1b[;1m", "\x1b[1m"),
        ("\x1b[31m\x1b[0mx\x1b[1mm", "\x1b[1m"),
        (f"\x1b[31m\x1b[{'0' * 500};1m", "\x1b[1;31m"),
        ("\x1b[31m\x1b[2J\x1b[123456m\x1b[66m", "\x1b[31m"),
    ],
)
def test_style_after_text(text: str, style: str) -> None:
    assert style_after("", text) == style
    assert style_after(style, "") == style


@pytest.mark.parametrize(
    ("before", "after", "sequence"),
    [
        ("", "", ""),
        ("", "\x1b[31m", "\x1b[31m"),
        ("\x1b[31m", "\x1b[31m", ""),
        ("\x1b[31m", "\x1b[1m", "\x1b[0m\x1b[1m"),
        ("\x1b[31m", "", "\x1b[0m"),
    ],
)
def test_transition(before: str, after: str, sequence: str) -> None:
    assert transition(before, after) == sequence
    assert style_after(before, sequence) == after
