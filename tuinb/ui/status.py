"""The status line, and the message line above it, which shows a message until the next key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tuinb.commands.keymap.key_names import label
from tuinb.kernel.execution.runs import RunState
from tuinb.record import Record
from tuinb.render import ansi
from tuinb.render.safe import clean, width
from tuinb.session.state import KernelState, KernelStatus
from tuinb.ui.hints import FIRST_KEYS, hints_of, prompt_key
from tuinb.ui.layer import Taken
from tuinb.ui.strips import cut, cut_with_mark, wrap
from tuinb.workspace.view_state import Mode, ViewState

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.geometry import Region

    from tuinb.notebook.document import Notebook
    from tuinb.session.events import Prompt
    from tuinb.session.port import SessionPort
    from tuinb.session.state import Stop
    from tuinb.ui.hints import KeyOf

_ROLES = {
    KernelState.NONE: "muted",
    KernelState.STARTING: "warning",
    KernelState.RESTARTING: "warning",
    KernelState.IDLE: "success",
    KernelState.BUSY: "running",
    KernelState.DEAD: "error",
    KernelState.UNREACHABLE: "error",
}

_PROMPT_HINTS = ("Enter answers  ^D end of file  Esc returns", "Enter answers")
"""Hints while the prompt of the kernel has the keys."""
_MESSAGE_ROWS = 6
_NAME = 24
"""Columns of the file's name for which the kernel is shown in short."""
_LONGEST_PROMPT = 2000
"""Maximum characters of a prompt, from its end, that are read for its last line."""


class Status(Record):
    """The content of the status line. Equal values paint the same."""

    mode: str
    mode_role: str
    file: str
    modified: bool
    read_only: bool
    kernel: str
    """State, name and interpreter of the kernel."""
    kernel_short: str
    """State of the kernel alone, if there is no room for `kernel`."""
    kernel_role: str
    stale: int
    """Number of cells that are stale or edited."""
    place: str
    """Number of the active cell and count of cells: `3/24`."""
    hints: tuple[str, ...]
    """Hints about useful keys, longest first. The first that fits is shown."""
    least_hint: str = ""
    """The hint where none of `hints` fits, even with the kernel in short."""
    line: tuple[str, int] | None = None
    """A line that is written here with vim's keys, and the place of its cursor."""


def status_of(
    session: SessionPort,
    state: ViewState,
    pending: tuple[str, ...],
    *,
    prompt_has_keys: bool,
    marking: bool = False,
    key_of: KeyOf = lambda name: FIRST_KEYS.get(name, ""),
) -> Status:
    """Returns the content of the status line. `pending` are the keys of an unfinished sequence.

    `marking` is whether text is being selected from a mark. `key_of` returns the keys of a command.

    While the kernel waits for input and the prompt does not have the keys, the text of the prompt is in place of the kernel.
    """
    kernel, prompt = session.kernel, session.prompt
    short = _state_text(kernel.state, *session.progress)
    if kernel.others_run and kernel.state is KernelState.BUSY:
        short = _busy_with_other(session) or short
    text = _kernel(kernel, short)
    kernel_role = _ROLES[kernel.state]
    if (stop := session.stop) is not None:
        text, short, kernel_role = f"● stopped at {place_of(stop, session.notebook)}", "● stopped", "warning"
    if prompt is not None and not prompt_has_keys:
        key = f" ({keys})" if (keys := prompt_key(key_of)) else ""
        text, short = _waiting(f"waits for input{key}", prompt, 24), _waiting(f"waits{key}", prompt, 10)
        kernel_role = "warning"
    mode, role = {Mode.COMMAND: ("COMMAND", "active"), Mode.EDIT: ("EDIT", "editing")}[state.mode]
    if prompt_has_keys:
        mode, role = "INPUT", "running"
    active = state.active
    place = session.notebook.index(active) + 1 if active is not None and active in session.notebook else 0
    hints = hints_of(session, state, key_of, marking=marking)
    return Status(
        mode=mode,
        mode_role=role,
        file=session.path.name,
        modified=session.modified,
        read_only=bool(session.read_only),
        kernel=text,
        kernel_short=short,
        kernel_role=kernel_role,
        stale=session.stale_count,
        place=f"{place}/{len(session.notebook)}",
        hints=(f"{label(pending)}…",) if pending else _PROMPT_HINTS if prompt_has_keys else hints,
    )


def place_of(stop: Stop, notebook: Notebook) -> str:
    """Returns where a kernel is stopped: `cell 3, line 4`."""
    frame = next((frame for frame in stop.frames if frame.cell is not None and frame.cell in notebook), None)
    if frame is None or frame.cell is None:
        return f"{clean(stop.frames[0].name)}, line {stop.frames[0].line + 1}" if stop.frames else "a breakpoint"
    return f"cell {notebook.index(frame.cell) + 1}, line {frame.line + 1}"


def _waiting(what: str, prompt: Prompt, columns: int) -> str:
    """Returns `what` and the last line of the prompt's text, cut to `columns`."""
    lines = ansi.strip(prompt.text[-_LONGEST_PROMPT:]).splitlines()
    line = clean(next((line for line in reversed(lines) if line.strip()), "").strip())
    shown = cut_with_mark(line, columns)
    return f"● {what}: {shown}" if shown else f"● {what}"


def _state_text(state: KernelState, number: int, total: int) -> str:
    """Returns the state, and the progress where several cells run."""
    if state is KernelState.NONE:
        return str(state)
    return f"● {state} {number} of {total}" if state is KernelState.BUSY and total > 1 else f"● {state}"


def _busy_with_other(session: SessionPort) -> str:
    """Returns that another client's code runs, and how many cells wait for that. Empty if one of our cells runs."""
    queue = session.queue()
    if queue and session.run_of(queue[0]).state is RunState.RUNNING:
        return ""
    return f"● another client runs, {len(queue)} wait" if queue else "● another client runs"


def _kernel(kernel: KernelStatus, state_text: str) -> str:
    if kernel.state is KernelState.NONE:
        return state_text
    name = kernel.display_name or kernel.name
    where = clean(kernel.server.partition("://")[2].partition("/")[0]) or _venv(kernel.interpreter)
    return f"{state_text} {name}{f' ({where})' if where else ''}"


def _venv(interpreter: str) -> str:
    """Returns the name of an interpreter's environment, or of the program if it is in a system folder."""
    path = Path(interpreter)
    if path.parent.name == "bin" and path.parent.parent.name not in ("", "usr", "local"):
        return path.parent.parent.name
    return path.name


def vim_hints(mode: str, key_of: KeyOf) -> tuple[str, ...]:
    """Returns the hints for a mode of vim's keys, longest first. `key_of` returns the keys of a command."""
    runs = f"  {key} runs" if (key := key_of("run-and-advance")) else ""
    if mode in ("INSERT", "REPLACE"):
        completes = f"  {key} completes" if (key := key_of("complete-or-indent")) else ""
        return (f"Esc to normal mode{runs}{completes}", "Esc to normal mode")
    if mode == "NORMAL":
        return (f"Esc to the cells{runs}  Space menu", "Esc to the cells")
    return ("Esc to normal mode",)


class StatusLine(Widget):
    """The status line: one row at the bottom of the screen."""

    DEFAULT_CSS = "StatusLine { height: 1; width: 1fr; }"
    ALLOW_SELECT = False

    def __init__(self, role: Callable[[str], Style]) -> None:
        super().__init__()
        self._role = role
        self._status: Status | None = None
        self._painted: tuple[Status | None, int, Strip] | None = None
        """The status and the columns that were painted last, and the row."""

    def show(self, status: Status) -> None:
        """Shows a status. Paints only if it differs from the current one."""
        if status != self._status:
            self._status = status
            self.refresh()

    def restyle(self, role: Callable[[str], Style]) -> None:
        """Applies the colours of the current theme."""
        self._role, self._painted = role, None

    def render_lines(self, crop: Region) -> list[Strip]:
        """Returns the row. Replaces Textual's method, which also handles borders and padding.

        Textual asks each widget for its rows at each frame, whatever changed.
        """
        return [self.render_line(y).crop(crop.x, crop.right) for y in crop.line_range]

    def render_line(self, y: int) -> Strip:
        columns = self.size.width
        if self._painted is None or self._painted[:2] != (self._status, columns):
            self._painted = self._status, columns, self._paint(self._status, columns)
        return self._painted[2]

    def _paint(self, status: Status | None, columns: int) -> Strip:
        base = Style(color=self._role("status_foreground").color, bgcolor=self._role("status_background").bgcolor)
        if status is None:
            return Strip([Segment(" " * columns, base)], columns)
        if status.line is not None:
            return self._written(status.line, status, base, columns)
        badge = base + self._role(status.mode_role) + Style(reverse=True, bold=True)
        mark = " [+]" if status.modified else ""
        stale = f"{status.stale} stale  " if status.stale else ""
        right = f" {stale}{status.place} "
        state = base + self._role(status.kernel_role)
        left = [Segment(f" {status.mode} ", badge), Segment(" ", base)]
        used = sum(width(segment.text) for segment in left) + width(right)
        file = clean(status.file) + (" [read-only]" if status.read_only else "")
        # Who does not know the keys of a dialog is stuck; who does not see the kernel's Python is not.
        needed = min(width(file), _NAME) + width(mark) + min(map(width, status.hints), default=0) + 3
        kernel = status.kernel if columns - used - width(status.kernel) > max(_NAME, needed) else status.kernel_short
        room = max(4, columns - used - width(kernel) - width(mark) - 3)
        name = cut_with_mark(file, room)
        left += [Segment(name, base + Style(bold=True)), Segment(mark, base + self._role("warning")), Segment("  ", base)]
        left.append(Segment(kernel, state))
        gap = columns - sum(width(segment.text) for segment in left) - width(right)
        hints = next((f"{hint} " for hint in (*status.hints, status.least_hint) if hint and width(hint) + 2 <= gap), "")
        left += [Segment(hints.rjust(max(0, gap)), base + self._role("muted")), Segment(right, base)]
        return Strip(left, sum(width(s.text) for s in left)).adjust_cell_length(columns, base)

    def _written(self, line: tuple[str, int], status: Status, base: Style, columns: int) -> Strip:
        """Returns the row with the line that is being written, and its cursor."""
        text, at = line[0] + " ", line[1]
        badge = Segment(f" {status.mode} ", base + self._role(status.mode_role) + Style(reverse=True, bold=True))
        room = columns - width(badge.text) - 1
        first = max(0, at - room + 2)
        before, here, after = clean(text[first:at]), clean(text[at : at + 1]), clean(text[at + 1 :])
        segments = [badge, Segment(" " + before, base), Segment(here, base + Style(reverse=True)), Segment(after, base)]
        return Strip(segments).adjust_cell_length(columns, base)


class MessageLine(Widget):
    """A message over the last rows of the notebook, wrapped to at most six rows. One that is longer ends in `…`.

    `covers` is called with the number of rows that it covers, after each change.
    """

    DEFAULT_CSS = "MessageLine { layer: popup; dock: bottom; height: 1; width: 1fr; display: none; }"
    ALLOW_SELECT = False

    def __init__(self, role: Callable[[str], Style], covers: Callable[[int], None]) -> None:
        super().__init__()
        self._role = role
        self._covers = covers
        self._lines: list[str] = []
        self._severity = "information"

    def show_message(self, text: str, severity: str = "information") -> None:
        """Shows a message. severity: `information`, `warning` or `error`."""
        columns = max(10, self.app.size.width - 2)
        self._lines = wrap(text, columns, _MESSAGE_ROWS + 1)
        if len(self._lines) > _MESSAGE_ROWS:
            self._lines[_MESSAGE_ROWS - 1 :] = [cut(self._lines[_MESSAGE_ROWS - 1], columns - 1) + "…"]
        self._severity = severity
        self.styles.height = len(self._lines)
        self.display = True
        self.refresh()
        self._covers(len(self._lines))

    def lift(self, rows: int) -> None:
        """Stands this many rows higher, above a dialog."""
        self.styles.offset = (0, -rows)

    def hide(self) -> None:
        """Removes the message."""
        if self.display:
            self.display = False

    def offer_key(self, key: str, event: events.Key) -> Taken:
        """Removes the message. The key goes on to the next layer."""
        self.hide()
        self._covers(0)
        return Taken.BELOW

    def render_line(self, y: int) -> Strip:
        role = {"error": "error", "warning": "warning"}.get(self._severity, "foreground")
        base = Style(bgcolor=self._role("status_background").bgcolor) + Style(color=self._role(role).color)
        text = self._lines[y] if y < len(self._lines) else ""
        return Strip([Segment(f" {text}", base)], width(text) + 1).adjust_cell_length(self.size.width, base)
