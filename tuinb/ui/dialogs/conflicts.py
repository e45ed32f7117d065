"""Conflicts of a merge on the full screen: both sides beside each other, one conflict a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tuinb.notebook.conflicts import Side
from tuinb.render.safe import clean, width
from tuinb.ui.dialogs.base import Dialog, Role
from tuinb.ui.strips import cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual import events

    from tuinb.commands.host import ConflictPage, ConflictRow

_KEYS: Final = {"o": Side.OURS, "t": Side.THEIRS, "b": Side.BOTH, "e": Side.MARKED}
_NAMES: Final = {Side.OURS: "ours", Side.THEIRS: "theirs", Side.BOTH: "both", Side.MARKED: "edit"}
_HEAD = 2
"""Rows above the two columns: the title, and the heads of the columns."""
_ABOVE = 2
"""Rows shown above the first difference."""


class Conflicts(Dialog["tuple[Side, ...]"]):
    """Asks what becomes of each conflict. `names` are the heads of the two columns.

    o, t, b and e choose, and go to the next conflict; Enter chooses what is marked, ours at first. Escape leaves.
    """

    DEFAULT_CSS = "Conflicts { height: 100%; }"
    is_framed = False
    badge = "CONFLICT"

    def __init__(self, role: Role, names: tuple[str, str], pages: Sequence[ConflictPage]) -> None:
        super().__init__(role)
        self._names = names
        self._pages = pages
        self._sides = [page.sides[0] for page in pages]
        self._at = 0
        self._top = 0
        self._rows: list[tuple[str, str, bool]] = []

    # ---- layout

    def on_mount(self) -> None:
        self._lay_out()

    def on_resize(self) -> None:
        self._lay_out()

    @property
    def _page(self) -> ConflictPage:
        return self._pages[self._at]

    @property
    def _columns(self) -> int:
        """Columns of each side: between them and around them is a column for a line or a space."""
        return max(1, (self.size.width - 5) // 2)

    @property
    def _height(self) -> int:
        return max(1, self.size.height - _HEAD - 1)

    def _lay_out(self) -> None:
        """Breaks the lines of the page, and scrolls to its first difference."""
        self._rows = [row for line in self._page.rows for row in _broken(line, self._columns)]
        first = next((number for number, row in enumerate(self._rows) if row[2]), 0)
        self._top = 0
        self._scroll(max(0, first - _ABOVE) if first >= self._height else 0)

    def _scroll(self, rows: int) -> None:
        self._top = max(0, min(len(self._rows) - self._height, self._top + rows))
        self.refresh()

    # ---- painting

    def render_line(self, y: int) -> Strip:
        if y == 0:
            chosen = f"  [{_NAMES[self._sides[self._at]]}]"
            return self.row(f"Conflict {self._at + 1} of {len(self._pages)}: {self._page.title}{chosen}", Style(bold=True))
        if y == 1:
            return self._beside(self._names[0], self._names[1], self.surface, self.surface, "│")
        if y == self.size.height - 1:
            return self.row(self._hint())
        base = Style(color=self.role("foreground").color, bgcolor=self.role("background").bgcolor)
        number = self._top + y - _HEAD
        if number >= len(self._rows):
            return self._beside("", "", base, base, "│")
        ours, theirs, differs = self._rows[number]
        if not differs:
            return self._beside(ours, theirs, base, base, "│")
        mine, other = (base + Style(color=self.role(role).color, bold=True) for role in ("warning", "success"))
        return self._beside(ours, theirs, mine, other, "┃")

    def _beside(self, ours: str, theirs: str, mine: Style, other: Style, line: str) -> Strip:
        parts: list[Segment] = []
        for text, style in ((ours, mine), (theirs, other)):
            text = cut(text, self._columns)
            parts.append(Segment(f" {text}{' ' * (self._columns - width(text))} ", style))
        surface = Style(color=self.role("rule").color, bgcolor=mine.bgcolor)
        strip = Strip([parts[0], Segment(line, surface), parts[1]])
        return strip.adjust_cell_length(self.size.width, Style(bgcolor=mine.bgcolor))

    def _hint(self) -> str:
        choices = "  ".join(f"{key} {_NAMES[side]}" for key, side in _KEYS.items() if side in self._page.sides)
        more = "  j k scroll" if len(self._rows) > self._height else ""
        back = "  p back" if self._at else ""
        return f"{choices}  Enter {_NAMES[self._sides[self._at]]}{more}{back}  Esc leaves all as it is"

    # ---- keys

    def on_key(self, event: events.Key) -> None:
        event.stop()
        key = event.key
        steps = {"down": 1, "j": 1, "up": -1, "k": -1, "pagedown": self._height, "space": self._height, "pageup": -self._height}
        if key in ("escape", "q", "ctrl+c"):
            self.finish(None)
        elif key == "enter":
            self._choose(self._sides[self._at])
        elif (side := _KEYS.get(key)) in self._page.sides and side is not None:
            self._choose(side)
        elif key == "p" and self._at:
            self._at -= 1
            self._lay_out()
        elif key in steps:
            self._scroll(steps[key])

    def _choose(self, side: Side) -> None:
        self._sides[self._at] = side
        if self._at + 1 == len(self._pages):
            self.finish(tuple(self._sides))
            return
        self._at += 1
        self._lay_out()

    def on_mouse_scroll_down(self) -> None:
        self._scroll(3)

    def on_mouse_scroll_up(self) -> None:
        self._scroll(-3)


def _broken(line: ConflictRow, columns: int) -> Iterator[tuple[str, str, bool]]:
    """Yields the rows of a line, broken where a side is longer than its column."""
    ours, theirs = (_pieces(text, columns) for text in (line.ours, line.theirs))
    for number in range(max(len(ours), len(theirs))):
        mine, other = (side[number] if number < len(side) else "" for side in (ours, theirs))
        yield mine, other, line.differs


def _pieces(text: str | None, columns: int) -> list[str]:
    rest = clean((text or "").expandtabs(4))
    found = []
    while width(rest) > columns:
        piece = cut(rest, columns) or rest[:1]
        found.append(piece)
        rest = rest[len(piece) :]
    return [*found, rest]
