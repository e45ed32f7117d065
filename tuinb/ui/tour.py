"""The tour on the screen: lines at the top that say what to do next, and see when it is done.

commands.tour_steps has the steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tuinb.commands import tour_steps
from tuinb.commands.tour_steps import Scene, Told
from tuinb.notebook.changes import Applied, Step
from tuinb.render.safe import width
from tuinb.ui.strips import cut_with_mark, wrap
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tuinb.commands.command import Command
    from tuinb.session.events import SessionEvent
    from tuinb.ui.app import TuinbApp

_SECONDS = 0.2
"""Seconds between two looks at what was done."""
_TEXT_ROWS = 2


class TourLines(Widget):
    """The step, what to do, and what was done before."""

    DEFAULT_CSS = f"TourLines {{ height: {_TEXT_ROWS + 1}; width: 1fr; }}"
    ALLOW_SELECT = False

    def __init__(self, role: Callable[[str], Style]) -> None:
        super().__init__()
        self._role = role
        self._title = self._text = self._note = ""

    def show(self, title: str, text: str, note: str) -> None:
        """Shows a step: its title, what to do, and what was done before."""
        self._title, self._text, self._note = title, text, note
        self.refresh()

    def restyle(self, role: Callable[[str], Style]) -> None:
        """Applies the colours of a theme."""
        self._role = role

    def render_line(self, y: int) -> Strip:
        columns = self.size.width
        base = Style(color=self._role("status_foreground").color, bgcolor=self._role("status_background").bgcolor)
        if y:
            lines = wrap(self._text, max(10, columns - 2), _TEXT_ROWS)
            return Strip([Segment(f" {lines[y - 1] if y <= len(lines) else ''}", base)]).adjust_cell_length(columns, base)
        title = cut_with_mark(f" {self._title}", columns)
        note = cut_with_mark(f"  {self._note} ", max(0, columns - width(title)))
        segments = [
            Segment(title, base + self._role("active") + Style(bold=True)),
            Segment(" " * (columns - width(title) - width(note)), base),
            Segment(note, base + self._role("success")),
        ]
        return Strip(segments).adjust_cell_length(columns, base)


class Tour:
    """Leads through the steps on one app, whose editor and keymap are ready."""

    def __init__(self, app: TuinbApp) -> None:
        self._app = app
        self._session = app.pane.session
        self._steps: Sequence[Told] = tour_steps.told(app.keyboard.keymap, always_edits=app.pane.view_state.keeps_editing)
        self._at = 0
        self._ran: set[str] = set()
        self._submitted = self._undone = 0
        self._lines = TourLines(app.role)
        self._before = self._scene()

    async def begin(self) -> None:
        """Shows the first step, and looks for what is done from now on."""
        self._session.listen(self._receive)
        self._app.pane.on_command = self._command_ran
        self._app.system.skips_step = self.skip
        await self._app.screen.mount(self._lines, before="#stage")
        self._lines.set_interval(_SECONDS, self.look)
        self._show("")

    def _receive(self, event: Applied | SessionEvent) -> None:
        if isinstance(event, Applied) and event.step is Step.UNDO:
            self._undone += 1
        self._app.call_later(self.look)

    def _command_ran(self, command: Command) -> None:
        self._ran.add(command.name)
        if command.group == "run":
            self._submitted += 1

    def look(self) -> None:
        """Goes on to the next step if this one is done."""
        if self._at == len(self._steps):
            return
        step, now = self._steps[self._at], self._scene()
        if step.done(self._before, now, frozenset(self._ran)):
            self._next(f"✓ {step.title}")

    def skip(self) -> bool:
        """Passes over a step. Returns False behind the last one."""
        if self._at == len(self._steps):
            return False
        self._next(f"passed over: {self._steps[self._at].title}")
        return True

    def _next(self, note: str) -> None:
        self._at += 1
        self._ran.clear()
        self._before = self._scene()
        self._show(note)

    def _show(self, note: str) -> None:
        keymap, total = self._app.keyboard.keymap, len(self._steps)
        if self._at < total:
            step = self._steps[self._at]
            self._lines.show(f"Tour, step {self._at + 1} of {total}: {step.title}", step.text, note)
            return
        mode = Mode.EDIT if self._app.pane.view_state.keeps_editing else Mode.COMMAND
        text = tour_steps.in_keys(
            "{quit} leaves; `tuinb NAME.ipynb` begins a notebook of yours. {show-help} has more.", keymap, mode
        )
        self._lines.show("The tour is over", text, note)

    def _scene(self) -> Scene:
        state, notebook, dialog = self._app.pane.view_state, self._session.notebook, self._app.dialogs.top
        return Scene(
            state.mode,
            state.active,
            {cell.id: cell.source for cell in notebook},
            self._submitted,
            self._undone,
            state.pattern,
            dialog is not None,
            state.line_numbers,
            self._session.modified,
        )
