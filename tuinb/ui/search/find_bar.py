"""The search bar. Each change of its text starts a new search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style

from tuinb.ui.dialogs.base import Dialog, Role
from tuinb.ui.dialogs.prompts import LineInput, Rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult
    from textual.widgets import Input

_LABEL = 2
_MESSAGE = 28
"""Columns of the message at the right end, such as `3 of 17`."""


class FindBar(Dialog[str]):
    """Enter keeps the match, Escape returns to the former position, arrows step to other matches.

    `typed` is called with the text after each change, `step` with 1 or -1; `message` returns the text at the right end.
    """

    DEFAULT_CSS = "FindBar { layout: horizontal; height: 1; }"
    badge = "FIND"
    hints = ("Up Down other matches  Enter keeps  Esc returns", "Enter keeps  Esc returns", "Esc returns")

    def __init__(
        self, role: Role, initial: str, typed: Callable[[str], None], step: Callable[[int], None], message: Callable[[], str]
    ) -> None:
        super().__init__(role)
        self._initial = initial
        self._typed = typed
        self._step = step
        self._message = message
        self._label = Rows(1, lambda y: self.row("/", Style(bold=True)))
        self._message_rows = Rows(1, lambda y: self.row(self._message().rjust(_MESSAGE - 2)))
        self._label.styles.width, self._message_rows.styles.width = _LABEL, _MESSAGE

    def compose(self) -> ComposeResult:
        yield self._label
        yield LineInput(self._initial, self.role, select=True)
        yield self._message_rows

    def refresh_message(self) -> None:
        """Paints the message again."""
        self._message_rows.refresh()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._typed(event.value)
        self.refresh_message()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.finish(event.value)

    def on_key(self, event: events.Key) -> None:
        if event.key in ("escape", "ctrl+c"):
            self.finish(None)
        elif event.key in ("down", "ctrl+n"):
            self._step(1)
        elif event.key in ("up", "ctrl+p"):
            self._step(-1)
        else:
            return
        event.stop()
