"""The marks of a cell's last run: the prompt in the margin, and the note in the header row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.kernel.execution.runs import CellRun, RunState
from tuinb.record import Record
from tuinb.render.safe import clean
from tuinb.session.state import Sign

if TYPE_CHECKING:
    from tuinb.notebook.cell import Cell
    from tuinb.session.state import Doubt

_LONGEST_NAME = 60


class Marks(Record):
    """Texts with the roles of the theme that colour them."""

    prompt: str
    """Text in the margin: `[3]`, `[*]`, `[ ]`; empty for prose."""
    prompt_role: str
    note: str
    """Text at the right end of the header row."""
    note_role: str


def marks(cell: Cell, run: CellRun, now: float, doubt: Doubt | None = None, *, time_from: float = 0.0) -> Marks:
    """Returns the marks of a cell. `now` is wall time in seconds since the epoch, `doubt` what is known against its results.

    A run without an error that took less than `time_from` seconds shows no time.
    """
    found = _marks(cell, run, now, time_from)
    if doubt is None or run.state in {RunState.RUNNING, RunState.QUEUED}:
        return found
    text = clean(f"{doubt.sign} {doubt.text}")
    note = f"{found.note} · {text}" if found.note else text
    is_known = doubt.sign is not Sign.PERHAPS and run.state is not RunState.ERROR
    role = "warning" if is_known else found.prompt_role
    return Marks(f"{found.prompt}{doubt.sign}", role, note, role if is_known else found.note_role)


def _marks(cell: Cell, run: CellRun, now: float, time_from: float) -> Marks:
    """Returns the marks of the run alone."""
    if cell.kind != "code":
        return Marks("", "prompt", "", "muted")
    count = f"[{cell.execution_count}]" if cell.execution_count is not None else "[ ]"
    match run.state:
        case RunState.RUNNING:
            # The system's clock may have been set back since.
            elapsed = max(0.0, now - run.started) if run.started is not None else 0.0
            return Marks("[*]", "running", f"running {duration(elapsed)}" if elapsed >= 1 else "", "running")
        case RunState.QUEUED:
            return Marks("[…]", "running", f"queued, {ordinal(run.place)}", "running")
        case RunState.ERROR:
            return Marks(count, "error", _outcome(cell, run, f"✗ {error_name(run)} {_elapsed(run)}".rstrip()), "error")
        case RunState.OK:
            return Marks(count, "prompt", _outcome(cell, run, f"✓ {_elapsed(run, time_from)}".rstrip()), "muted")
        case RunState.ABORTED:
            return Marks(count, "prompt", "not run" if run.started is None else "did not finish", "warning")
        case RunState.NEVER:
            return Marks(count, "prompt", "", "muted")


def error_name(run: CellRun) -> str:
    """Returns the name of the error that ended a run, shortened and safe to show."""
    return clean(run.error_name[:_LONGEST_NAME])


def _outcome(cell: Cell, run: CellRun, done: str) -> str:
    """Returns the note of a run that ended. It is empty once the run's count and outputs were cleared."""
    if cell.execution_count is None and not len(cell.outputs):
        return ""
    notes = [done]
    if not run.current:
        notes.append("run by an earlier kernel")
    return " · ".join(notes)


def _elapsed(run: CellRun, time_from: float = 0.0) -> str:
    return "" if run.seconds is None or run.seconds < time_from else duration(run.seconds, fine=True)


def duration(seconds: float, *, fine: bool = False) -> str:
    """Formats seconds: `12 s`, `3 min 20 s`, `2 h 5 min`. `fine` adds decimals below 10 s: `0.12 s`, `1.5 s`."""
    if seconds < 60:
        if not fine or seconds >= 10:
            return f"{int(seconds)} s"
        return f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def ordinal(place: int) -> str:
    """Formats a place in the queue: 1 → `next`, 2 → `2nd`, 11 → `11th`."""
    if place <= 1:
        return "next"
    ending = "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"
