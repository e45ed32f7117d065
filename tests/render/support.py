"""For whom the tests of rendering render, and what they read of a block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb import themes
from tuinb.render.block import plain
from tuinb.render.context import RenderContext
from tuinb.render.safe import clean, width
from tuinb.render.styles import ThemeStyles

if TYPE_CHECKING:
    from tuinb.render.block import Block

THEME = themes.load("dark")
STYLES = ThemeStyles(THEME)


def context(columns: int = 80) -> RenderContext:
    return RenderContext(columns, THEME, STYLES)


def text_of(block: Block) -> list[str]:
    """All rows as plain text."""
    return [plain(block.line(i)) for i in range(block.height)]


def check(block: Block, columns: int) -> None:
    """Every row can be painted, and none is too wide."""
    for row in text_of(block):
        assert width(row) <= columns
        # A single column has no room for what is put beside a vowel: it goes to the next row.
        assert clean(row) == row or (columns == 1 and clean(row).rstrip("\xa0") == row)
