"""Differences on the full screen: rows with folds, a cursor, and keys that go from one change to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.style import Style

from tuinb.render.block import Line, Span
from tuinb.render.layout.wrapped import wrap
from tuinb.render.safe import width
from tuinb.ui.dialogs.base import Dialog, Role
from tuinb.ui.strips import as_strip, cut_with_mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual import events
    from textual.strip import Strip

    from tuinb.render.block import FoldingRow

_INDENT = Span("  ")
"""Before the rows of a line after the first."""
_TITLE = 34
"""Columns of the title that go before a longer hint."""
_HINTS = ("n N next change  Enter unfolds  O all  q closes", "n N next  Enter unfolds  q closes", "n N  q closes", "")


class _Shown(NamedTuple):
    line: Line
    source: int
    """Index of the row that it comes from."""
    is_head: bool
    """Whether it is the beginning of that row, and none of its hidden lines."""


class Differences(Dialog[None]):
    """Shows the differences between the two sides that `title` names.

    j, k, Space, b, g and G move, n and N go to the next change and the one before. Enter unfolds and folds, O all. q closes.
    """

    DEFAULT_CSS = "Differences { height: 100%; }"
    fills_screen = True
    is_framed = False
    badge = "DIFF"

    def __init__(self, role: Role, title: str, rows: Sequence[FoldingRow]) -> None:
        super().__init__(role)
        self._title = title
        self._source = rows
        self._open: set[int] = set()
        self._shown: list[_Shown] = []
        self._row = 0
        self._top = 0

    def replace_rows(self, rows: Sequence[FoldingRow]) -> None:
        """Shows the same rows in other colours."""
        self._source = rows
        self._lay_out()

    # ---- layout

    def on_resize(self) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        """Computes what is shown. The cursor stays on its row."""
        at = self._shown[self._row].source if self._shown else 0
        columns = max(1, self.size.width)
        self._shown = [shown for number in range(len(self._source)) for shown in self._rows_of(number, columns)]
        self._move(next((place for place, shown in enumerate(self._shown) if shown.source == at), 0))

    def _rows_of(self, number: int, columns: int) -> Iterator[_Shown]:
        row = self._source[number]
        head = row.line
        if row.hidden:
            count = len(row.hidden)
            is_open = number in self._open
            head = (*head, Span(f" [{count} line{'s' * (count > 1)}{'' if is_open else ', folded'}]", self.role("muted")))
        yield from (_Shown(part, number, at == 0) for at, part in enumerate(_broken(head, columns)))
        for line in row.hidden if number in self._open else ():
            yield from (_Shown(part, number, False) for part in _broken(line, columns))

    @property
    def _height(self) -> int:
        return max(1, self.size.height - 1)

    # ---- painting

    def render_line(self, y: int) -> Strip:
        if y == self.size.height - 1:
            return self._status()
        base = Style(color=self.role("foreground").color, bgcolor=self.role("background").bgcolor)
        index = self._top + y
        if index == self._row:
            base += self.role("selected_background")
        return as_strip(self._shown[index].line if index < len(self._shown) else (), base, self.size.width)

    def _status(self) -> Strip:
        stops = self._stops()
        now = sum(stop <= self._row for stop in stops)
        place = f"change {now} of {len(stops)}  "
        wanted = len(place) + min(_TITLE, width(self._title))
        hint = next(hint for hint in _HINTS if width(hint) + wanted + 4 <= self.size.width or not hint)
        room = self.size.width - width(hint) - 2
        text = cut_with_mark(f"{place}{self._title}", room)
        return self.row(f"{text}{' ' * (room - width(text))}{hint}", Style(bold=True))

    # ---- keys

    def _stops(self) -> list[int]:
        return [at for at, shown in enumerate(self._shown) if shown.is_head and self._source[shown.source].is_stop]

    def on_key(self, event: events.Key) -> None:
        event.stop()
        key = event.character if event.character and event.character.isprintable() and event.character != " " else event.key
        page = max(1, self._height - 1)
        steps = {"j": 1, "down": 1, "k": -1, "up": -1, "space": page, "pagedown": page, "b": -page, "pageup": -page}
        places = {"g": 0, "home": 0, "G": len(self._shown) - 1, "end": len(self._shown) - 1}
        if key in ("q", "escape", "ctrl+c", "ctrl+q"):
            self.finish(None)
        elif key in ("n", "N"):
            self._go(1 if key == "n" else -1)
        elif key in ("enter", "o"):
            self._unfold()
        elif key == "O":
            folds = {number for number, row in enumerate(self._source) if row.hidden}
            self._open = set() if self._open == folds else folds
            self._lay_out()
        elif key in steps:
            self._move(self._row + steps[key])
        elif key in places:
            self._move(places[key])

    def _go(self, step: int) -> None:
        """Goes to the next change, and shows as much of it as fits."""
        stops = self._stops()
        ahead = [stop for stop in stops if stop > self._row] if step > 0 else [stop for stop in stops if stop < self._row][::-1]
        if ahead:
            self._top = ahead[0]
            self._move(ahead[0])

    def _unfold(self) -> None:
        number = self._shown[self._row].source if self._shown else 0
        if self._shown and self._source[number].hidden:
            self._open ^= {number}
            self._lay_out()

    def _move(self, row: int) -> None:
        last = len(self._shown) - 1
        self._row = max(0, min(row, last))
        self._top = max(min(self._top, self._row, last - self._height + 1), self._row - self._height + 1, 0)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        if event.y < self._height:
            self._move(self._top + event.y)
            self._unfold()

    def on_mouse_scroll_down(self) -> None:
        self._move(self._row + 3)

    def on_mouse_scroll_up(self) -> None:
        self._move(self._row - 3)


def _broken(line: Line, columns: int) -> list[Line]:
    """Returns the rows of a line. They keep its spaces. Those after the first are indented."""
    rows = wrap(line, columns)
    if len(rows) == 1:
        return rows
    first, *others = wrap(line, max(1, columns - len(_INDENT.text)))
    return [first, *((_INDENT, *row) for row in others)]
