"""What happened in a session while no terminal was attached, as a line for the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.kernel.execution.runs import RunState

if TYPE_CHECKING:
    from tuinb.session.session import Session

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def meanwhile(session: Session, since: float, now: float, prompted: float = 0.0) -> str:
    """Returns how many cells have ended since then, how many wait, and whether the kernel does. Empty if nothing happened.

    Times are seconds since 1970; `prompted` is when the kernel requested input last.
    """
    found = [text for text in (_ended(session, since, now), _waits(session, since, now, prompted)) if text]
    return f"While no terminal was attached: {'; '.join(found)}." if found else ""


def _ended(session: Session, since: float, now: float) -> str:
    runs = [run for run in map(session.run_of, session.notebook.order) if run.started is not None and run.seconds is not None]
    ends = [(run.started or 0.0) + (run.seconds or 0.0) for run in runs]
    ended = [(end, run) for end, run in zip(ends, runs, strict=True) if end >= since]
    if not ended:
        return ""
    count, failed = len(ended), sum(run.state is RunState.ERROR for _, run in ended)
    parts = [f"{count} cell{'s' * (count > 1)} ended"]
    if failed:
        parts.append(f"{failed} failed")
    if waiting := len(session.queue()):
        parts.append(f"{waiting} to go")
    last = max(end for end, _ in ended)
    return f"{', '.join(parts)}; the last one {ago(now - last)} ago"


def _waits(session: Session, since: float, now: float, prompted: float) -> str:
    if session.prompt is None or prompted < since:
        return ""
    return f"the kernel has waited for input for {ago(now - prompted)}"


def ago(seconds: float) -> str:
    """Returns a span of time in its largest unit: `2 h`."""
    size, unit = next((size, unit) for size, unit in _UNITS if seconds >= size or size == 1)
    return f"{int(max(0.0, seconds) // size)} {unit}"
