"""The line on which what is looked for is written; each key looks for it anew."""

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
_SAID = 28
"""Columns for how many there are."""


class FindBar(Dialog[str]):
    """Enter keeps what was found, Escape goes back to where one was, arrows go on to other matches."""

    DEFAULT_CSS = "FindBar { layout: horizontal; height: 1; }"

    def __init__(
        self, role: Role, initial: str, typed: Callable[[str], None], step: Callable[[int], None], message: Callable[[], str]
    ) -> None:
        super().__init__(role)
        self._initial = initial
        self._typed = typed
        self._step = step
        self._message = message
        self._label = Rows(1, lambda y: self.row("/", Style(bold=True)))
        self._said = Rows(1, lambda y: self.row(self._message().rjust(_SAID - 2)))
        self._label.styles.width, self._said.styles.width = _LABEL, _SAID

    def compose(self) -> ComposeResult:
        yield self._label
        yield LineInput(self._initial, self.role, select=True)
        yield self._said

    def tell(self) -> None:
        """The message is another one."""
        self._said.refresh()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._typed(event.value)
        self.tell()

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
