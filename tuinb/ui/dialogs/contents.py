"""A list of the headings, in a column over the notebook, which follows the marked one.

`ui/inspection/contents_panel.py` is a panel of them that stays open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tuinb.render.markdown.syntax import plain_text
from tuinb.render.safe import clean, width
from tuinb.ui.dialogs.base import Dialog, Role
from tuinb.ui.floating import row_under
from tuinb.ui.strips import cut_with_mark

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events

    from tuinb.commands.host import Entry

_COLUMNS = 40


def heading_text(title: str, level: int, columns: int, *, folded: bool) -> str:
    """Returns the row of a heading, its Markdown as text, indented by its level and padded to a number of columns."""
    room = max(1, columns - 2 * level)
    text = " " * (2 * level - 2) + f"{'▸' if folded else ' '} " + cut_with_mark(clean(plain_text(title)) or "(empty)", room)
    return text + " " * max(0, columns - width(text))


class Contents(Dialog[int]):
    """Up, Down and the wheel move, Left and Right fold, letters find headings, Enter or a click chooses, Escape goes back to
    where one was.
    """

    DEFAULT_CSS = "Contents { dock: right; height: 100%; }"
    badge = "CONTENTS"
    title = "Contents"
    hints = ("Enter goes  Left Right fold  letters find  Esc back", "Enter goes  letters find  Esc back")
    least_hint = "Esc back"

    def __init__(
        self,
        role: Role,
        entries: Sequence[Entry],
        at: int,
        moved: Callable[[int], None],
        fold: Callable[[int, bool], bool],
    ) -> None:
        super().__init__(role)
        self._entries = entries
        self._at = at
        self._moved = moved
        self._fold = fold
        self._folded = [entry.folded for entry in entries]
        self._needle = ""

    def on_mount(self) -> None:
        self._fit(self.app.size.width)

    def on_resize(self) -> None:
        self._fit(self.app.size.width)

    def _fit(self, columns: int) -> None:
        self.styles.width = min(_COLUMNS, max(16, columns // 2))

    @property
    def _found(self) -> list[int]:
        """The entries that the needle is in."""
        needle = self._needle.lower()
        return [number for number, entry in enumerate(self._entries) if needle in plain_text(entry.title).lower()]

    def render_line(self, y: int) -> Strip:
        rows = self.size.height - 1
        if y == rows:
            return self.row(f"/{self._needle}▏" if self._needle else f"{len(self._entries)} headings", Style(bold=True))
        found = self._found
        index = self._first(found) + y
        if index >= len(found):
            return self.row("")
        entry = self._entries[found[index]]
        marked = found[index] == self._at
        base = self.surface + (self.chosen if marked else Style(bold=entry.level == 1))
        columns = self.size.width
        note = f" {entry.note}" if entry.note else ""
        folded = self._folded[found[index]]
        text = heading_text(entry.title, entry.level, columns - 1 - width(note), folded=folded)
        told = base if marked else base + self.role("error")
        return Strip([Segment(text, base), Segment(note, told)]).adjust_cell_length(columns, base)

    def _first(self, found: Sequence[int]) -> int:
        """Returns the index of the entry in the first row, among those found."""
        rows = self.size.height - 1
        place = found.index(self._at) if self._at in found else 0
        return max(0, min(place - rows // 2, len(found) - rows))

    def on_click(self, event: events.Click) -> None:
        event.stop()
        row, found = row_under(event, self), self._found
        index = self._first(found) + row
        if 0 <= row < self.size.height - 1 and index < len(found):
            self.finish(found[index])

    def on_mouse_scroll_down(self) -> None:
        self._move(3)

    def on_mouse_scroll_up(self) -> None:
        self._move(-3)

    def on_key(self, event: events.Key) -> None:
        event.stop()
        key, found = event.key, self._found
        steps = {"down": 1, "up": -1, "tab": 1, "shift+tab": -1, "pagedown": 10, "pageup": -10}
        steps |= {"home": -len(found), "end": len(found), "ctrl+n": 1, "ctrl+p": -1}
        if key in ("escape", "ctrl+c"):
            self.finish(None)
        elif key == "enter":
            self.finish(self._at if self._at in found else None)
        elif key in steps:
            self._move(steps[key])
        elif key in ("left", "right") and self._at in found:
            self._folded[self._at] = self._fold(self._at, key == "left")
        elif key == "backspace":
            self._narrow(self._needle[:-1])
        elif event.is_printable and event.character is not None:
            self._narrow(self._needle + event.character)
        self.refresh()

    def _move(self, step: int) -> None:
        found = self._found
        if found:
            place = found.index(self._at) if self._at in found else 0
            self._mark(found[max(0, min(len(found) - 1, place + step))])
        self.refresh()

    def _narrow(self, needle: str) -> None:
        self._needle = needle
        found = self._found
        if found and self._at not in found:
            self._mark(found[0])

    def _mark(self, number: int) -> None:
        self._at = number
        self._moved(number)
