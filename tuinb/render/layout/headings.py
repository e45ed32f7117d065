"""Headings of Markdown and HTML. A terminal has no text sizes, so the level shows in weight and colour.

The first level has a rule behind it, the second the same colour; the third is bold text, those below are muted. Without colours
nothing of this shows, so that a heading keeps Markdown's `#`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style

from tuinb.capabilities import Colors
from tuinb.render.block import Line, Span
from tuinb.render.layout.flow import line_width
from tuinb.render.layout.stacking import LazyRow

if TYPE_CHECKING:
    from tuinb.render.context import RenderContext
    from tuinb.render.layout.stacking import Row
    from tuinb.render.styles import ThemeStyles

_LEAST_RULE = 3
"""Minimum columns of the rule behind a heading."""
_GAP = Span(" ")
"""Before the rule."""


def heading_style(styles: ThemeStyles, level: int) -> Style:
    """Returns the style of a heading's text. `level` is 1 to 6."""
    if level <= 2:
        return styles.role("heading")
    return Style(bold=True) + styles.role("foreground" if level == 3 else "muted")


def heading_mark(context: RenderContext, level: int) -> Span:
    """Returns what stands before a heading: `#` for each level where there are no colours, else nothing."""
    shown = context.capabilities.colors is Colors.NONE
    return Span("#" * level + " " if shown else "", context.styles.role("muted"))


def ruled(rows: list[Row], level: int, context: RenderContext, columns: int) -> list[Row]:
    """Returns the rows of a heading, with the rule behind the last one if it is of the first level."""
    last = rows[-1] if rows else None
    if last is None or isinstance(last, LazyRow) or level > 1 or context.capabilities.colors is Colors.NONE:
        return rows
    return [*rows[:-1], _with_rule(last, context, columns)]


def without_rule(line: Line) -> Line:
    """Returns a row without the rule behind a heading, which is no text to copy."""
    is_ruled = len(line) > 2 and line[-2] == _GAP and not line[-1].text.strip("─")
    return line[:-2] if is_ruled else line


def _with_rule(line: Line, context: RenderContext, columns: int) -> Line:
    room = columns - line_width(line) - 1
    if not line or room < _LEAST_RULE:
        return line
    return (*line, _GAP, Span("─" * room, context.styles.role("rule")))
