"""The search bar. Each change of its text starts a new search. A second row replaces matches in sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from textual.containers import Horizontal

from tuinb.late_pattern import late_pattern
from tuinb.record import Record
from tuinb.ui.dialogs.base import Dialog, Role
from tuinb.ui.dialogs.prompts import LineInput, Rows
from tuinb.ui.floating import BORDER

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual import events
    from textual.app import ComposeResult
    from textual.widgets import Input

_LABEL = 2
_MESSAGE = 34
"""Columns of the message at the right end, such as `10,000 in 10,000 cells; z undoes`."""
_REPLACE = "Enter this one, Alt+A all "
_ASK = "Enter asks at each, Alt+A all "
_OF_LINE = frozenset(
    ("enter", "ctrl+j", "backspace", "ctrl+h", "delete", "tab", "shift+tab", "ctrl+y", "ctrl+w", "alt+backspace")
)
"""Keys of the line, also where all others end the search."""
_STEPS = {
    **dict.fromkeys(("down", "ctrl+s", "f3"), 1),
    **dict.fromkeys(("up", "ctrl+r", "shift+f3", "shift+enter"), -1),
}
"""Key → the match that it goes to: the next or the previous one."""
_WORD = late_pattern(r"[\W_]*[^\W_]+")


class Finding(Record):
    """What the bar calls."""

    typed: Callable[[str], None]
    """With the text to find, after each change."""
    step: Callable[[int], None]
    """With 1 or -1, for the next match or the previous one."""
    settle: Callable[[], Awaitable[None]]
    """Waits for what was typed to be found, for a moment."""
    message: Callable[[], str]
    """Returns the text at the right end."""
    replace: Callable[[str, bool], bool] | None = None
    """With what replaces a match, and whether it replaces all, which may go on after the call. Returns whether there is one.

    None: nothing can be replaced.
    """
    hinted: Callable[[], object] = lambda: None
    """After a change of the hints."""
    grown: Callable[[int], object] | None = None
    """With the number of rows, if that changes."""
    replaces: bool = False
    """Whether the second row is shown at once."""
    last: str = ""
    """The last text that was searched."""
    ask: Callable[[str], bool] | None = None
    """With what replaces matches, to ask about each; the bar ends if it returns True. None: Enter replaces the match."""
    leave: Callable[[events.Key], object] | None = None
    """With a key that is not the bar's, which keeps the match, for who handles it instead. None: the line handles it."""
    following: Callable[[], str] | None = None
    """Returns the text after the match, which Ctrl+W takes a word of. None: Ctrl+W is the line's."""
    found: Callable[[], bool] | None = None
    """Whether a match is shown. With it, Enter goes to the next match, and Escape ends the search there, as in VS Code."""


class FindBar(Dialog[str], can_focus=False):
    """Enter ends the search at the match, Escape returns to the former position, arrows step to other matches.

    Tab shows the second row. Then Enter in the first one goes there, and Escape stays once something was replaced. With
    `Finding.found`, Enter in the first one goes to the next match, and Escape stays at the match.
    """

    DEFAULT_CSS = """
    FindBar { layout: vertical; height: auto; }
    FindBar Horizontal { height: 1; }
    """
    badge = "FIND"
    title = "Find"
    ROWS = 1 + BORDER
    """Rows that it covers at first."""

    def __init__(self, role: Role, initial: str, finding: Finding) -> None:
        super().__init__(role)
        self._finding = finding
        self._needle = LineInput(initial, role, select=True)
        self._template: LineInput | None = None
        """The line of the second row, once it is shown."""
        self._searched: str | None = None
        """The text that is searched."""
        self._has_replaced = False
        self._message_rows = Rows(1, lambda y: self.row(self._finding.message().rjust(_MESSAGE - 2)))
        self._message_rows.styles.width = _MESSAGE
        self._set_hints()

    def compose(self) -> ComposeResult:
        yield Horizontal(self._label("/"), self._needle, self._message_rows)

    async def on_mount(self) -> None:
        if self._finding.replaces:
            await self._add_second()

    def on_descendant_focus(self) -> None:
        self._set_hints()
        self._finding.hinted()

    @property
    def _has_second(self) -> bool:
        """Whether the second row is shown, or is about to be."""
        return self._template is not None or self._finding.replaces

    def _set_hints(self) -> None:
        """Sets what is told of the keys: Enter is another thing in each line, and Escape once something was replaced."""
        is_emacs = self._finding.leave is not None
        others = f"{'^S ^R' if is_emacs else 'Up Down'} other matches"
        stays = self._has_replaced or self._finding.found is not None
        escape = "Esc ends" if stays else f"{'^G' if is_emacs else 'Esc'} goes back"
        rows: tuple[str, ...]
        if self._template is not None and self._template.has_focus:
            asks = self._finding.ask is not None
            enter = "Enter asks at each match" if asks else "Enter replaces"
            rows = (f"{enter}  Alt+A replaces all  {others}", enter, "Enter asks" if asks else enter)
        elif self._finding.found is not None:
            rows = ("Tab replaces  Enter next  Up previous", "Enter next  Up previous", "Enter next")
        elif self._has_second:
            enter = "Enter goes on to what replaces it"
            rows = (f"{others}  {enter}", enter, "Enter goes on")
        else:
            rows = (f"{others}  Enter stays here", "Enter stays here", "Enter stays")
            if self._finding.replace is not None:
                rows = (f"Tab replaces  {rows[0]}", *rows)
        # Without one of Escape alone: the status line shows the shortest before the name of the kernel.
        self.hints = tuple([f"{row}  {escape}" for row in rows])

    def _label(self, sign: str) -> Rows:
        label = Rows(1, lambda y: self.row(sign, Style(bold=True)))
        label.styles.width = _LABEL
        return label

    def refresh_message(self) -> None:
        """Paints the message again."""
        self._message_rows.refresh()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.input is self._needle:
            self._search(self._needle.value)

    def _search(self, text: str) -> None:
        if text != self._searched:
            self._searched = text
            self._finding.typed(text)
            self.refresh_message()

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input is self._needle and self._finding.found is not None:
            self._finding.step(1)
        elif event.input is self._needle and self._has_second:
            await self._show_second()
        elif event.input is self._needle:
            await self._finding.settle()
            self.finish(event.value)
        elif self._finding.ask is not None:
            await self._finding.settle()
            if self._finding.ask(event.value):
                self.finish(self._needle.value)
            self.refresh_message()
        else:
            self._replace(every=False)

    async def on_key(self, event: events.Key) -> None:
        key = event.key
        self._search(self._needle.value)  # the message about the last letter may still be on its way
        if key in ("escape", "ctrl+c"):
            self.finish(self._needle.value if await self._stays() else None)
        elif key in ("ctrl+s", "ctrl+r") and not self._needle.value:
            self._needle.value = self._finding.last
        elif key in _STEPS:
            self._finding.step(_STEPS[key])
        elif key == "ctrl+w" and self._finding.following is not None and self._template is None:
            event.prevent_default()
            await self._finding.settle()
            self._needle.insert_text_at_cursor(_word_of(self._finding.following()))
        elif self._finding.leave is not None and self._ends(event):
            event.prevent_default()
            await self._finding.settle()
            self.finish(self._needle.value)
            self._finding.leave(event)
        elif not await self._go_to_row(key):
            return
        event.stop()

    async def _go_to_row(self, key: str) -> bool:
        """Handles the keys of the second row, and those that step where they are no others'. Returns whether it did."""
        if key in ("ctrl+n", "ctrl+p"):
            self._finding.step(1 if key == "ctrl+n" else -1)
        elif key == "tab" and self._finding.replace is not None:
            await self._show_second()
        elif key == "shift+tab":
            self._needle.focus(scroll_visible=False)
        elif key == "alt+a" and self._template is not None:
            self._replace(every=True)
        else:
            return False
        return True

    async def _stays(self) -> bool:
        """Whether Escape ends the search at the match, instead of going back."""
        if self._has_replaced or self._finding.found is None:
            return self._has_replaced
        await self._finding.settle()
        return self._finding.found()

    def _ends(self, event: events.Key) -> bool:
        """Whether a key is that of another command, before the second row is shown."""
        return self._template is None and not event.is_printable and event.key not in _OF_LINE

    async def _show_second(self) -> None:
        """Shows the second row. Goes from row to row if it is shown already."""
        template = self._template or await self._add_second()
        (self._needle if template.has_focus else template).focus(scroll_visible=False)

    async def _add_second(self) -> LineInput:
        if self._template is None:
            self._template = LineInput("", self.role, select=True)
            note = Rows(1, lambda y: self.row((_REPLACE if self._finding.ask is None else _ASK).rjust(_MESSAGE - 1)))
            note.styles.width = _MESSAGE
            await self.mount(Horizontal(self._label("→"), self._template, note))
            if self._finding.grown is not None:
                self._finding.grown(self.ROWS + 1)
        return self._template

    def _replace(self, *, every: bool) -> None:
        assert self._template is not None
        assert self._finding.replace is not None
        self._has_replaced = self._finding.replace(self._template.value, every) or self._has_replaced
        self._set_hints()
        self._finding.hinted()
        self.refresh_message()


def _word_of(text: str) -> str:
    """Returns what is before the end of the first word, or the next character where no word follows."""
    found = _WORD.match(text)
    return found[0] if found is not None else text[:1]
