"""The tab line: one row at the top of the screen, if the terminal has several notebooks open."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tuinb.render.safe import clean, width
from tuinb.ui.strips import cut_with_mark

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events

    from tuinb.commands.host import Tab, Tabs

UNSAVED, BUSY, WAITS = "[+]", "⟳", "?"
"""The signs of a tab: unsaved changes, cells that run or wait, a kernel that waits for input."""
_SHORT = 12
"""Columns to which names are cut if not all fit."""


class TabLine(Widget):
    """The tabs by number and name, each with its signs. A click on one goes there."""

    DEFAULT_CSS = "TabLine { height: 1; width: 1fr; display: none; }"
    ALLOW_SELECT = False

    def __init__(self, role: Callable[[str], Style], tabs: Tabs | None) -> None:
        super().__init__()
        self._role = role
        self._tabs = tabs
        self._shown: tuple[Tab, ...] = ()
        self._at = 0
        if tabs is not None:
            self.display = len(tabs.entries) > 1

    def show(self, modified: bool, busy: bool, waits: bool) -> None:
        """Shows the tabs, the one of this screen with these signs. Paints only what has changed."""
        if self._tabs is None:
            return
        entries, at = list(self._tabs.entries), self._tabs.at
        entries[at] = entries[at]._replace(modified=modified, busy=busy, waits=waits)
        if (tuple(entries), at) != (self._shown, self._at):
            self._shown, self._at = tuple(entries), at
            self.display = len(entries) > 1
            self.refresh()

    def render_line(self, y: int) -> Strip:
        base = Style(color=self._role("status_foreground").color, bgcolor=self._role("status_background").bgcolor)
        columns = self.size.width
        labels = self._labels()
        first = self._first(labels)
        left = "<" if first else ""
        segments = [Segment(left, base)]
        for index, label in enumerate(labels[first:], first):
            style = base + self._role("active") + Style(reverse=True, bold=True) if index == self._at else base
            segments.append(Segment(label, style))
        strip = Strip(segments)
        if strip.cell_length > columns:
            return Strip([*strip.crop(0, columns - 1), Segment(">", base)]).adjust_cell_length(columns, base)
        return strip.adjust_cell_length(columns, base)

    def _labels(self) -> list[str]:
        labels = [_label(number, tab) for number, tab in enumerate(self._shown, 1)]
        if sum(map(width, labels)) <= self.size.width:
            return labels
        return [_label(number, tab, _SHORT) for number, tab in enumerate(self._shown, 1)]

    def _first(self, labels: Sequence[str]) -> int:
        """Returns the index of the first label, so that the one of this screen is in view."""
        ends = [0, *accumulate(map(width, labels))]
        room = self.size.width - 2
        return next((first for first in range(self._at) if ends[self._at + 1] - ends[first] <= room), self._at)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        labels = self._labels()
        first = self._first(labels)
        ends = accumulate(map(width, labels[first:]), initial=bool(first))
        index = sum(end <= event.x for end in ends) - 1 + first
        if self._tabs is not None and 0 <= index < len(labels) and index != self._at:
            self._tabs.go(index)


def _label(number: int, tab: Tab, columns: int = 0) -> str:
    name = clean(tab.name)
    signs = [sign for sign, shown in ((UNSAVED, tab.modified), (WAITS if tab.waits else BUSY, tab.busy or tab.waits)) if shown]
    return " ".join([f" {number}", cut_with_mark(name, columns) if columns else name, *signs, ""])
