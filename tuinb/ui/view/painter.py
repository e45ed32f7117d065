"""Turns rendered lines into strips for Textual: margins, backgrounds, and the marks of active and selected cells.

tuinb.margin has the columns of a row. The bar at the left marks the active cell and selected cells.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style

from tuinb.margin import MARGIN, PROMPT
from tuinb.render.block import Span
from tuinb.render.safe import width
from tuinb.ui.strips import RowStrip, cut, segments_of

if TYPE_CHECKING:
    from textual.strip import Strip

    from tuinb.render.block import Line
    from tuinb.render.context import RenderContext

BAR = "▌"
FAILING = "▶"
"""Mark in the margin of the line that failed."""
BREAKPOINT, LOGPOINT = "●", "○"
"""Mark in the margin of a line at which the kernel stops."""
STOPPED = "→"
"""Mark in the margin of the line at which the kernel is stopped."""
CALLING = ">"
"""Mark in the margin of a line that called the function in which the kernel is stopped."""
PROBLEM = "◆"
"""Mark in the margin of a line with a problem."""
CODE = "│"
"""Mark in the margin of code, in a theme that gives code no background of its own."""
RAIL = "▏"
"""Mark in the margin of outputs."""
_MOST_EMPTY = 500
"""Rows without content that are kept."""


@lru_cache(maxsize=4096)
def _over(style: Style, background: Style) -> Style:
    """Returns `style` with the background's colours where it has none of its own."""
    return background + style


def _laid_over(style: Style | None, background: Style) -> Style:
    if style is None:
        return background
    # Pictures have both colours and thousands of styles, which would push all others out of the cache.
    return style if style.bgcolor is not None and style.color is not None else _over(style, background)


class Painter:
    """Paints rows in one theme at one width. `columns` excludes the scrollbar."""

    def __init__(self, context: RenderContext, columns: int) -> None:
        self.context = context
        self.columns = columns
        role = context.styles.role
        self.base = Style(color=role("foreground").color, bgcolor=role("background").bgcolor)
        self.code = Style(color=role("foreground").color, bgcolor=role("code_background").bgcolor)
        self._beside_code = CODE if self.code.bgcolor == self.base.bgcolor else " "
        self._empty: dict[tuple[object, ...], Strip] = {}
        """Rows without content, by all that they depend on: those under the editor are painted at each key."""
        self._blanks: dict[bool, Strip] = {}
        self.selected = role("selected_background")
        """Background of selected cells. A theme that reverses colours instead shows the selection in the margin."""

    def hint(self, text: str) -> Strip:
        """Returns a row with a muted hint, for an empty notebook."""
        nothing = Span("")
        return self.row((Span(text, self.role("muted")),), bar=None, prompt=nothing, code=False, selected=False, thumb=False)

    def _scrollbar(self, thumb: bool) -> Segment:
        return Segment("▐" if thumb else " ", self.base + self.role("rule") if thumb else self.base)

    @property
    def content(self) -> int:
        """Columns of content."""
        return max(1, self.columns - MARGIN)

    def role(self, name: str) -> Style:
        """Returns the theme's style for a role of the interface."""
        return self.context.styles.role(name)

    def row(
        self,
        line: Line,
        *,
        bar: Style | None,
        prompt: Span,
        code: bool,
        selected: bool,
        thumb: bool,
        mark: Span | None = None,
    ) -> Strip:
        """Returns one row: margin, content and scrollbar. A line that is too long is cut and ends in `…`.

        `bar` colours the bar at the left; None omits it. `mark` stands in the column before the content. `prompt` may be a
        column longer than prompts are, and takes that one if there is no mark.
        """
        key = (bar, prompt, code, selected, thumb, mark)
        if not line and (kept := self._empty.get(key)) is not None:
            return kept
        background = self.code if code else self.base
        if selected and not self.selected.reverse:
            background += self.selected
        margin = self.base + self.selected if selected else self.base
        label = prompt.text[: PROMPT + (mark is None)].rjust(PROMPT)
        segments = [
            Segment(BAR if bar else " ", _over(bar, margin) if bar else margin),
            Segment(label, _over(prompt.style, margin) if prompt.style else margin),
            *([self._mark(margin, code=code, mark=mark)] if len(label) == PROMPT else ()),
            *self._content(line, background),
            self._scrollbar(thumb),
        ]
        strip = RowStrip(segments, self.columns + 1)
        if not line:
            if len(self._empty) >= _MOST_EMPTY:
                self._empty.clear()
            self._empty[key] = strip
        return strip

    def _mark(self, margin: Style, *, code: bool, mark: Span | None) -> Segment:
        """Returns the column before the content."""
        if mark is not None:
            return Segment(mark.text, _over(mark.style, margin) if mark.style else margin)
        if code and self._beside_code != " ":
            return Segment(self._beside_code, _over(self.role("rule"), margin))
        return Segment(" ", margin)

    def blank(self, *, thumb: bool) -> Strip:
        """Returns an empty row, below the end of the notebook."""
        blank = self._blanks.get(thumb)
        if blank is None:
            segments = [Segment(" " * self.columns, self.base), self._scrollbar(thumb)]
            blank = self._blanks[thumb] = RowStrip(segments, self.columns + 1)
        return blank

    def _content(self, line: Line, background: Style) -> list[Segment]:
        room, segments = self.content, []
        # Measured once for each span: a picture's row has dozens.
        widths = [width(span.text) for span in line]
        long = sum(widths) > room
        room -= long
        for span, columns in zip(line, widths, strict=True):
            text = cut(span.text, room) if long else span.text
            segments += segments_of(span, text, _laid_over(span.style, background))
            room -= width(text) if long else columns
            if text != span.text:
                break
        if room:
            segments.append(Segment(" " * room, background))
        if long:
            segments.append(Segment("…", _over(self.role("muted"), background)))
        return segments
