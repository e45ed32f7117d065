"""The panel of calls: those at a stop, or those of the last error, and the variables of the chosen one as a tree."""

from __future__ import annotations

from contextvars import copy_context
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

from tuinb.render.safe import clean, width
from tuinb.session.call_stack import Row
from tuinb.session.events import DebugChanged
from tuinb.session.state import Frame
from tuinb.ui.inspection.side_panel import SidePanel
from tuinb.ui.strips import cut_with_mark

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from rich.style import Style

    from tuinb.notebook.changes import Applied
    from tuinb.session.call_stack import CallStack
    from tuinb.session.events import SessionEvent
    from tuinb.session.port import SessionPort

_HINTS = (
    "Enter opens  u further out  d further in  e evaluates  {debug-next} next line  {debug-continue} continues  q closes",
    "Enter opens  u d calls  e evaluates  q closes",
    "Enter opens  q closes",
)
_ENDED_HINTS = ("Enter opens  u further out  d further in  e evaluates  v variables  q closes", *_HINTS[1:])
_CHOSEN, _OPEN, _CLOSED = ">", "▾", "▸"
_NAME = 24
"""Columns that names take at most, with what they are indented by, so that values are below each other."""


class CallsPanel(SidePanel):
    """Shows the calls of session.debugger. `go` goes to the code of a call, `evaluate` asks for an expression.

    `look` shows a whole value, `variables` the panel of variables, and `run` does work in the background. `in_keys` puts the
    user's keys into a text.
    """

    shows_calls = True

    def __init__(
        self,
        session: SessionPort,
        role: Callable[[str], Style],
        *,
        go: Callable[[Frame], None],
        look: Callable[[str, str], None],
        evaluate: Callable[[], None],
        variables: Callable[[], None],
        leave: Callable[[], None],
        close: Callable[[], None],
        changed: Callable[[], None],
        run: Callable[[Awaitable[None]], None],
        in_keys: Callable[[str], str],
    ) -> None:
        super().__init__(role, changed)
        self._in_keys = in_keys
        self._session = session
        self._go = go
        self._look = look
        self._evaluate = evaluate
        self._variables = variables
        self._leave = leave
        self._close = close
        self._run = run
        self._stack: CallStack | None = None
        self._rows: list[Frame | Row] = []
        self._head_width = 0
        """Columns that names take."""
        self._stop_listening: Callable[[], None] = lambda: None

    # ---- life

    def on_mount(self) -> None:
        super().on_mount()
        context = copy_context()  # as in panel.py
        self._stop_listening = self._session.listen(lambda event: context.copy().run(self._on_event, event))
        self._follow()

    def on_unmount(self) -> None:
        self._stop_listening()

    def _on_event(self, event: Applied | SessionEvent) -> None:
        if isinstance(event, DebugChanged):
            self._follow()

    def _follow(self) -> None:
        """Shows the calls of now."""
        stack, before = self._session.debugger.stack, self._stack
        self._stack = stack
        chosen = self._rows[self._row] if self._row < len(self._rows) else None
        self._rows = [] if stack is None else [*stack.frames, *stack.rows]
        self._head_width = min(_NAME, max((width(clean(_head_of(row))) for row in self._rows), default=0))
        if stack is not before:
            self._row = self._top = 0
            if stack is not None:
                self._run(stack.read())
        elif isinstance(chosen, Row):
            paths = [row.path if isinstance(row, Row) else () for row in self._rows]
            self._row = paths.index(chosen.path) if chosen.path in paths else self._row
        self._move(self._row)
        self.refresh()

    # ---- painting

    @property
    def mode(self) -> str:
        """What the status line calls the panel."""
        return "CALLS"

    @property
    def hints(self) -> tuple[str, ...]:
        """Hints for the status line."""
        if self._stack is not None and self._stack.is_over:
            return _ENDED_HINTS
        return tuple(map(self._in_keys, _HINTS))

    @property
    def _count(self) -> int:
        return len(self._rows)

    def _title(self) -> str:
        if self._stack is None:
            return " Calls"
        return f" {clean(self._stack.title)} · calls and variables"

    def _empty(self) -> str:
        return "the kernel is not stopped: v shows the variables"

    def _footer(self) -> str:
        if self._row >= len(self._rows) or self._stack is None:
            return ""
        row = self._rows[self._row]
        if isinstance(row, Frame):
            return self._place_of(row)
        ended = ", which has ended: only look" if self._stack.is_over else ""
        return f"{clean(row.variable.type or row.variable.name)} of {clean(self._stack.frame.name)}{ended}"

    def _place_of(self, frame: Frame) -> str:
        notebook = self._session.notebook
        if frame.cell is not None and frame.cell in notebook:
            return f"cell {notebook.index(frame.cell) + 1}, line {frame.line + 1}"
        return f"{clean(frame.path)}:{frame.line + 1}"

    def _line(self, index: int, base: Style) -> Strip:
        row = self._rows[index]
        is_selected = index == self._row
        if isinstance(row, Frame):
            is_chosen = self._stack is not None and row is self._stack.frame
            text = f"{self._padded(row, _CHOSEN if is_chosen else ' ')}  {self._place_of(row)}"
            return self._bar(text, base + self._role("running") if is_chosen and not is_selected else base)
        variable = row.variable
        muted = base if is_selected else base + self._role("muted")
        head = self._padded(row, (_OPEN if row.is_open else _CLOSED) if variable.reference else " ")
        if not row.depth:
            return self._bar(head, muted)
        value = clean(" ".join(variable.value.split()))
        texts = [Segment(f"{head}  ", base), Segment(f"{clean(variable.type)}  ", muted), Segment(value, base)]
        return Strip(texts).adjust_cell_length(self.size.width, base)

    def _padded(self, row: Frame | Row, sign: str) -> str:
        """Returns the name of a row with a sign before it, as wide as names are, or wider."""
        head = _head_of(row)
        place = len(head) - len(head.lstrip(" ")) - 2
        text = cut_with_mark(clean(f"{head[:place]}{sign}{head[place + 1 :]}"), 2 * _NAME)
        return text + " " * max(0, self._head_width - width(text))

    # ---- keys

    def _press(self, key: str) -> bool:
        row = self._rows[self._row] if self._row < len(self._rows) else None
        if key in ("enter", "l", "right", "h", "left"):
            self._open_or_close(row, key)
        elif key in ("u", "d"):
            self._choose_call(1 if key == "u" else -1)
        elif key == "e" and self._stack is not None:
            self._evaluate()
        elif key == "v":
            self._variables()
        elif key == "escape":
            self._leave()
        elif key in ("q", "D"):
            self._close()
        else:
            return False
        return True

    def _open_row(self) -> None:
        self._open_or_close(self._rows[self._row], "enter")

    def _open_or_close(self, row: Frame | Row | None, key: str) -> None:
        stack = self._stack
        if stack is None or row is None:
            return
        closes = key in ("h", "left")
        if isinstance(row, Frame):
            if not closes:
                self._run(stack.choose(row))
                self._go(row)
        elif row.variable.reference and row.is_open == (closes or (key == "enter" and row.is_open)):
            self._run(stack.toggle(row))
        elif closes and row.depth:
            parent = row.path[:-1]
            self._move(next(at for at, one in enumerate(self._rows) if isinstance(one, Row) and one.path == parent))
        elif key == "enter" and not row.variable.reference:
            self._look(f"{row.variable.name}  {row.variable.type}", row.variable.value)

    def _choose_call(self, calls: int) -> None:
        stack = self._stack
        if stack is None:
            return
        place = stack.frames.index(stack.frame) + calls
        if 0 <= place < len(stack.frames):
            self._run(stack.choose(stack.frames[place]))
            self._go(stack.frames[place])


def _head_of(row: Frame | Row) -> str:
    """Returns the name of a call or a variable, indented by its depth and by a place for a sign."""
    return f"  {row.name}" if isinstance(row, Frame) else f"{'  ' * row.depth}  {row.variable.name}"
