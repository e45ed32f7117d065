"""A context for rendering tests, and functions to read blocks."""

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
    """Returns all rows as plain text."""
    return [plain(block.line(i)) for i in range(block.height)]


def check(block: Block, columns: int) -> None:
    """Asserts that every row can be painted and fits into the width."""
    for row in text_of(block):
        assert width(row) <= columns
        # In a single column, the column added after a vowel moves to the next row.
        assert clean(row) == row or (columns == 1 and clean(row).rstrip("\xa0") == row)
