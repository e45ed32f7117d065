"""The base of dialogs: a panel over the bottom of the notebook that has the keys until it has a result."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tuinb.render.safe import clean, width
from tuinb.ui.floating import BORDER, Floating, row_under, surface
from tuinb.ui.strips import cut_with_mark, wrap

if TYPE_CHECKING:
    from textual import events

T = TypeVar("T")
Role = Callable[[str], Style]
"""Returns the theme's style for a role of the interface."""

_LINE = 76
"""Maximum columns of a question: longer lines are hard to read."""


def scroll_steps(page: int) -> dict[str, int]:
    """Returns keys of `less`, which are those of Emacs, too, and the rows that they scroll."""
    line = dict.fromkeys(("down", "j", "ctrl+n"), 1) | dict.fromkeys(("up", "k", "ctrl+p"), -1)
    return line | dict.fromkeys(("space", "pagedown", "ctrl+v"), page) | dict.fromkeys(("b", "pageup", "alt+v"), -page)


class Dialog(Floating, Generic[T], can_focus=True):
    """A panel with a `result`, which is set once."""

    DEFAULT_CSS = """
    Dialog { layer: popup; dock: bottom; width: 1fr; height: auto; max-height: 100%; }
    """
    ALLOW_SELECT = False
    is_framed = True
    """Whether it has the border of what floats. What covers the whole notebook has none."""
    fills_screen = False
    """Whether the dialog covers the message line, too."""
    badge: ClassVar[str]
    """Name of the mode in the status line while the dialog has the keys."""
    hints: tuple[str, ...] = ()
    """Hints in the status line, longest first. Empty if the dialog shows its own."""
    least_hint = ""
    """The hint where there is no room for one of these, even with the kernel in short."""

    def __init__(self, role: Role) -> None:
        super().__init__()
        self.role = role
        self.result: asyncio.Future[T | None] = asyncio.get_running_loop().create_future()
        self.resized: Callable[[int], None] = lambda rows: None
        """Called with the rows of the notebook that it covers, after each change."""
        self.hints_changed: Callable[[], None] = lambda: None
        """Called when it has other hints."""
        self.restyle(role)

    def restyle(self, role: Role) -> None:
        """Applies the colours of a theme."""
        if self.is_framed:
            super().restyle(role)

    def on_resize(self) -> None:
        self.resized(self.outer_size.height)

    def finish(self, value: T | None) -> None:
        """Ends the dialog with a result. None means that the user cancelled it."""
        if not self.result.done():
            self.result.set_result(value)

    @property
    def surface(self) -> Style:
        """The colours of the panel."""
        if self.is_framed:
            return surface(self.role)
        return Style(color=self.role("status_foreground").color, bgcolor=self.role("status_background").bgcolor)

    @property
    def chosen(self) -> Style:
        """What marks the chosen row."""
        return self.role("selected_background")

    def row(self, text: str, style: Style | None = None) -> Strip:
        """Returns one row of the panel. Cleans the text and cuts it to the panel's width."""
        base = self.surface if style is None else self.surface + style
        columns = self.size.width
        text = cut_with_mark(" " + clean(text), columns)
        return Strip([Segment(text, base)], width(text)).adjust_cell_length(columns, base)


class Chooser(Dialog[int]):
    """A list of options. Arrows, j and k or the wheel move, and a letter to the next option that begins with it.

    Enter, the number of an option or a click selects, Escape or q cancels. `at` is the index of the option marked first.
    `moved` is called with each index marked later; its result is shown below.
    """

    badge = "CHOOSE"
    hints = ("Up Down move  Enter chooses  Esc cancels", "Enter chooses  Esc cancels")
    least_hint = "Esc cancels"

    def __init__(
        self, role: Role, question: str, options: list[str], *, at: int = 0, moved: Callable[[int], str] | None = None
    ) -> None:
        super().__init__(role)
        self._text = question
        self._question: list[str] = []
        self._options = options
        self._index = at
        self._moved = moved
        self._note: list[str] = []
        self._rows = min(len(options), 12)

    def on_mount(self) -> None:
        self._lay_out(self.app.size.width - BORDER)

    def on_resize(self) -> None:
        self._lay_out(self.size.width)

    def _lay_out(self, columns: int) -> None:
        self._question = wrap(self._text, max(10, min(_LINE, columns - 2)), 8)
        self.styles.height = len(self._question) + self._rows + len(self._note) + BORDER

    def _first(self) -> int:
        return max(0, min(self._index - self._rows + 1, len(self._options) - self._rows))

    def _beginning_with(self, letter: str) -> int:
        """Returns the index of the next option that begins with a letter, after the last one again from the first."""
        places = [*range(self._index + 1, len(self._options)), *range(self._index + 1)]
        return next((place for place in places if self._options[place].lower().startswith(letter.lower())), self._index)

    def render_line(self, y: int) -> Strip:
        if y < len(self._question):
            return self.row(self._question[y], Style(bold=True))
        below = y - len(self._question) - self._rows
        if below >= 0:
            return self.row(self._note[below] if below < len(self._note) else "", self.role("error"))
        index = self._first() + y - len(self._question)
        number = f"{index + 1} " if len(self._options) < 10 else ""
        chosen = index == self._index
        return self.row(f"{'▸' if chosen else ' '} {number}{self._options[index]}", self.chosen if chosen else None)

    def on_key(self, event: events.Key) -> None:
        event.stop()
        last, key = len(self._options) - 1, event.key
        if key in ("escape", "ctrl+c", "q"):
            self.finish(None)
        elif key == "enter":
            self.finish(self._index)
        elif key in ("down", "j", "tab"):
            self._move(1)
        elif key in ("up", "k", "shift+tab"):
            self._move(-1)
        elif key.isdecimal() and 1 <= int(key) <= min(last + 1, 9):
            self.finish(int(key) - 1)
        elif event.character is not None and event.character.isalpha():
            self._move(self._beginning_with(event.character) - self._index)

    def _move(self, step: int) -> None:
        index = max(0, min(len(self._options) - 1, self._index + step))
        if index != self._index and self._moved is not None:
            note = self._moved(index)
            self._note = wrap(note, max(10, self.size.width - 2), 4) if note else []
            self._lay_out(self.size.width)
        self._index = index
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        row = row_under(event, self) - len(self._question)
        if 0 <= row < self._rows:
            self.finish(self._first() + row)

    def on_mouse_scroll_down(self) -> None:
        self._move(1)

    def on_mouse_scroll_up(self) -> None:
        self._move(-1)
